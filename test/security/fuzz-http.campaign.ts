import { afterAll, beforeAll, expect } from '@jest/globals';
import fc from 'fast-check';
import { managementRoutesOf } from '../../core/management/route.ts';
import { scaled } from '../campaigns/campaign.ts';
import { anyText } from '../core/text/any-text.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';
import { goodBodies } from './good-bodies.ts';
import { sendRaw } from './raw-http.ts';
import { runs, tallied } from './tally.ts';
import { operatorOf, type Tenant } from './tenants.ts';

const RUNS = runs(scaled({ part: 40, whole: 2_000 }));
const tally = tallied('Whatever is sent over HTTP is answered, and never with a 5xx');

let product: TestProduct;
let own: Tenant;
/** What the requests present: the operator's key, an administering one, and one that reads. */
let credentials: readonly string[];
beforeAll(async () => {
  product = await startProduct();
  own = await operatorOf(product).tenant('acme', product.users.owner, product.users.member);
  const issue = async (scope: string) =>
    (await manager(product).issue({ scopes: [scope] })).body.secret as string;
  credentials = [product.managementKey, await issue('admin'), await issue('read:all')];
});
afterAll(() => product.stop());

const oneByte = (text: string) => Buffer.from(text.toWellFormed()).toString('latin1');
const odd = fc.oneof(
  fc.jsonValue(),
  anyText({ maxLength: 20 }),
  fc.constantFrom([], {}, null, -1, 1e300, 'x'.repeat(5_000)),
);

tally.test(
  'a request with anything odd about it: its path, query, headers, or any value of its body',
  async () => {
    const { profile, managementUrl, apiUrl } = product;
    const routes = managementRoutesOf(profile);
    const ids: Readonly<Record<string, string>> = own.ids;
    const request = fc.record({
      route: fc.constantFrom(...routes),
      credential: fc.constantFrom(...credentials),
      id: fc.option(
        anyText({ maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
        { freq: 3 },
      ),
      query: fc.option(
        fc.dictionary(
          fc.constantFrom('limit', 'cursor', 'status', '__proto__', 'x'),
          anyText({ maxLength: 20 }),
        ),
      ),
      field: fc.option(fc.tuple(fc.nat(8), odd), { freq: 3 }),
      text: fc.option(fc.oneof(fc.json(), anyText()), { freq: 2 }),
      header: fc.option(
        fc.tuple(
          fc.constantFrom('Accept', 'Content-Type', 'X-Amzn-Trace-Id', 'X-Forwarded-For', 'Cookie'),
          fc.constantFrom('__proto__', 'constructor', '*/*', 'text/html', '"', ','),
        ),
      ),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ route, credential, id, query, field, text, header }) => {
        const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => id ?? ids[name] ?? '');
        const search =
          query === null
            ? ''
            : `?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, value.toWellFormed()]))}`;
        const good: Record<string, unknown> = {
          ...goodBodies(profile)[route.handler],
          created_by: own.owner,
        };
        const names = [...Object.keys(good), 'expires_at', 'allowed_cidrs', 'rate_limit', '__proto__'];
        if (field !== null) good[names[field[0] % names.length] ?? ''] = field[1];
        const lines = [
          `Authorization: Bearer ${credential}`,
          ...(header === null ? [] : [header.join(': ')]),
        ];
        const body = route.method === 'GET' ? '' : oneByte(text ?? JSON.stringify(good));
        const { status, text: answer } = await sendRaw(`${managementUrl}${path}${search}`, {
          method: route.method,
          lines,
          body,
        });
        tally.count('requests');
        if (status >= 500 || status === 0)
          throw new Error(`${route.method} ${path}${search}: ${answer.slice(0, 300)}`);
      }),
      RUNS,
    );
    for (const path of ['/users', '/users/user-1', '/records', '/team'])
      for (const accept of ['__proto__', 'constructor', 'toString', ''])
        expect((await sendRaw(apiUrl + path, { lines: [`Accept: ${accept}`] })).status).toBe(401);
  },
);
