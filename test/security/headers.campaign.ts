import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { scaled } from '../campaigns/campaign.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';
import { FORWARDING, forwarded, HEADER_TRICKS, SAME } from './header-tricks.ts';
import { sendRaw } from './raw-http.ts';
import { tallied } from './tally.ts';

const tally = tallied(
  'A key works in its one place alone: no trick with headers authorizes, is logged, or is a 500',
);

let product: TestProduct;
let key: string;
/** One for each API: what anybody who is known may ask. */
let urls: readonly string[];
beforeAll(async () => {
  product = await startProduct();
  key = (await manager(product).issue({ scopes: ['admin'] })).body.secret;
  urls = [`${product.apiUrl}/users`, `${product.managementUrl}/v1/me`];
});
afterAll(() => product.stop());

/** A request that is good in everything but where its key is; `body` makes it a POST. */
async function statusOf(url: string, lines: readonly string[], body = ''): Promise<number> {
  const answer = await sendRaw(url, { lines, body, ...(body !== '' && { method: 'POST' }) });
  tally.count(answer.isGateways ? 'requests' : 'requests that HTTP’s parser refused');
  expect(answer.text).not.toContain(key.slice(12));
  return answer.status;
}

/** Nothing that was printed, on either side of the gateway, has the key in it. */
function expectNothingLogged(): void {
  expect(product.lines.filter(({ text }) => text.includes(key.slice(12)))).toEqual([]);
}

describe('a good key', () => {
  tally.test('is taken in every spelling that HTTP calls the same', async () => {
    for (const url of urls)
      for (const lines of SAME)
        expect([lines('KEY'), await statusOf(url, lines(key))]).toEqual([lines('KEY'), 200]);
  });

  describe.each(HEADER_TRICKS)('presented with $what', ({ lines, query, body }) => {
    tally.test('is not taken', async () => {
      for (const url of urls) {
        const status = await statusOf(url + (query?.(key) ?? ''), lines(key), body?.(key));
        // 0 and 431: HTTP's own parser has closed the connection. A POST to a path without one is 404.
        expect([0, 400, 401, 404, 413, 431]).toContain(status);
        if (body === undefined) expect(status).not.toBe(404);
      }
      expectNothingLogged();
    });
  });

  tally.test('is not taken from the query or the body beside an own, wrong one', async () => {
    for (const url of urls)
      for (const value of ['Bearer garbage', 'Basic eDp5', '']) {
        expect(await statusOf(`${url}?access_token=${key}`, [`Authorization: ${value}`])).toBe(401);
      }
    expectNothingLogged();
  });
});

describe('an address', () => {
  tally.test(
    'is what API Gateway vouches for: no header moves a caller into a key’s networks, or out of them',
    async () => {
      const issue = async (allowed_cidrs: string[]) =>
        (await manager(product).issue({ scopes: ['admin'], allowed_cidrs })).body.secret as string;
      const [here, elsewhere, sixth] = [
        await issue(['127.0.0.0/8']),
        await issue(['192.0.2.0/24']),
        await issue(['2001:db8::/32']),
      ];
      for (const url of urls)
        for (const name of FORWARDING.slice(0, scaled({ part: 2, whole: FORWARDING.length })))
          for (const address of ['192.0.2.7', '"[2001:db8::7]"', '2001:db8::7', '::ffff:192.0.2.7'])
            for (const line of forwarded(name, address).slice(0, name === 'X-Forwarded-For' ? 4 : 1)) {
              const from = async (secret: string) =>
                (await sendRaw(url, { lines: [line, `Authorization: Bearer ${secret}`] })).status;
              tally.count('forged addresses');
              const right = address.includes('.') ? elsewhere : sixth;
              expect([line, await from(right)]).toEqual([line, 401]);
              if (address === '192.0.2.7') expect([line, await from(here)]).toEqual([line, 200]);
            }
    },
  );
});
