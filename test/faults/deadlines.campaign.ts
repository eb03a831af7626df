import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DynamoDbIntercept } from '../../local/index.ts';
import { report } from '../campaigns/campaign.ts';
import { type Answer, manager, send, startProduct, type TestProduct } from '../product.ts';
import { unfitAnswers } from './answer-record.ts';

/** Just below what a hasty client waits for, and a patient one. Milliseconds. */
const SLOW_MS = 600;
const VERY_SLOW_MS = 2_300;

/**
 * A store that hangs, or is slow with every single operation: each alone is within the client's time-out, and several together
 * are beyond the function's. All calls are made at once, since all they do is wait.
 */
let product: TestProduct;
let answers: Record<'hanging' | 'slow then hanging' | 'slow update' | 'hanging verify', Answer>;

const held = Promise.withResolvers<void>();
const never = () => held.promise.then((): undefined => undefined);
const after = (milliseconds: number) =>
  new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds, undefined));

/** How the store behaves towards the functions whose construct's name is in the key. */
const manners = new Map<string, DynamoDbIntercept>();
const intercept: DynamoDbIntercept = (call) => {
  for (const [name, manner] of manners) if (call.functionId.includes(name)) return manner(call);
  return undefined;
};

beforeAll(async () => {
  product = await startProduct('standard', { intercept });
  const { apiUrl, managementUrl, managementKey } = product;
  const [first, second] = await Promise.all([manager(product).issue(), manager(product).issue()]);
  const slowText: string = second?.body.secret;
  let uses = 0;
  // The first use opens a window by a second operation. Whose secret a call is about is told by the order of the calls.
  manners.set('ProductAuthorizer', async () => {
    uses += 1;
    return uses === 2 ? after(SLOW_MS) : never();
  });
  const slow = send(`${apiUrl}/users`, { credential: slowText });
  while (uses < 2) await after(5);
  const hanging = send(`${apiUrl}/users`, { credential: first?.body.secret });
  manners.set('VerifyKey', never);
  const verify = send(`${managementUrl}/v1/keys/verify`, {
    credential: managementKey,
    body: { credential: slowText },
  });
  manners.set('UpdateKey', async () => after(VERY_SLOW_MS));
  const update = manager(product).update(first?.body.key.id, { enabled: false });
  answers = {
    'slow then hanging': await slow,
    hanging: await hanging,
    'hanging verify': await verify,
    'slow update': await update,
  };
  held.resolve();
});
afterAll(() => product.stop());

test.each(['hanging', 'slow then hanging', 'hanging verify', 'slow update'] as const)(
  '%s: the caller is told to come back, by the function itself and before it is cut off',
  (name) => {
    const { status, headers, body } = answers[name];
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    const text = JSON.stringify(body);
    const recorded = { asked: name, status, retryAfter: headers.get('retry-after'), text };
    expect(unfitAnswers([{ ...recorded, startedAt: 0, endedAt: 0 }])).toEqual([]);
  },
);

test('no function is cut off by its time-out when the store hangs', () => {
  const cutOff = product.lines.filter(({ text }) => text.includes('Task timed out'));
  const property = 'a store that hangs or is slow throughout is answered 503 before any function is cut off';
  report({ property, tried: [['calls', Object.keys(answers).length]], lost: cutOff.length });
  expect(cutOff).toEqual([]);
});
