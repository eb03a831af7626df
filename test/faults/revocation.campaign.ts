import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { report, scaled } from '../campaigns/campaign.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';

const REVOCATIONS = scaled({ part: 8, whole: 500 });
const CALLERS = scaled({ part: 8, whole: 16 });
/** Keys that live at the same time; the callers take turns on them, so that none of them waits for a revocation. */
const LANES = scaled({ part: 6, whole: 16 });
/** Far more than the test can use up: no answer may be 429 instead of what is asserted. */
const UNREACHED_LIMIT = { limit: 1_000_000, window_seconds: 86_400 };
/** So many callers may keep a small machine from coming to a verdict in time, or from answering at all. */
const NO_VERDICT = [503, 0];
const LONG = 500_000;

let product: TestProduct;
let agent: Agent;
beforeAll(async () => {
  product = await startProduct();
  agent = new Agent({ keepAlive: true, maxSockets: CALLERS + 2 });
});
afterAll(async () => {
  agent.destroy();
  await product.stop();
});

/** One call of the product's API, on this process's monotonic clock; milliseconds. */
interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
}

/** As cheap as a call can be, since this test needs tens of thousands of them. */
function call(secret: string): Promise<Call> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const headers = { Authorization: `Bearer ${secret}` };
    request(`${product.apiUrl}/users/user-1`, { agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ startedAt, endedAt: performance.now(), status: response.statusCode ?? 0 }),
      );
    })
      // A connection that was kept alive may be closed just when it is used again.
      .on('error', () => resolve({ startedAt, endedAt: performance.now(), status: 0 }))
      .end();
  });
}

interface Target {
  readonly id: string;
  readonly secret: string;
  readonly calls: Call[];
  /** Settles once a call with it was let through. */
  readonly used: Promise<void>;
  readonly noteUse: () => void;
  /** When the answer to its revocation had arrived. */
  revokedAt: number;
}

async function issueTarget(): Promise<Target> {
  const issue = () => manager(product).issue({ rate_limit: UNREACHED_LIMIT });
  let { status, body } = await issue();
  while (status === 503) ({ status, body } = await issue());
  expect(status).toBe(201);
  const { promise: used, resolve: noteUse } = Promise.withResolvers<void>();
  const revokedAt = Number.POSITIVE_INFINITY;
  return { id: body.key.id, secret: body.secret, calls: [], used, noteUse, revokedAt };
}

/** Callers who never pause: each call is made with the next of the keys that are aimed at. */
function startCallers(aims: readonly Target[]) {
  let isOver = false;
  let turn = 0;
  const loop = async () => {
    while (!isOver) {
      const target = aims[turn++ % aims.length];
      if (target === undefined) return;
      const made = await call(target.secret);
      target.calls.push(made);
      if (made.status === 200) target.noteUse();
    }
  };
  const loops = Promise.all(Array.from({ length: CALLERS }, loop));
  return () => {
    isOver = true;
    return loops;
  };
}

/** Revokes a key while it is being called with. @returns the status of the very next request. */
async function revokeUnderFire(target: Target): Promise<number> {
  await target.used;
  const revoke = () => manager(product).revoke(target.id);
  let { status } = await revoke();
  while (status === 503) ({ status } = await revoke());
  target.revokedAt = performance.now();
  expect(status).toBe(200);
  for (;;) {
    const { status: next } = await call(target.secret);
    if (!NO_VERDICT.includes(next)) return next;
  }
}

test(
  `a revoked key is refused on the very next request, ${REVOCATIONS} times in a row, under ${CALLERS} concurrent callers`,
  async () => {
    const aims = await Promise.all(Array.from({ length: LANES }, issueTarget));
    const revoked: Target[] = [];
    const nextRequests: number[] = [];
    const stopCallers = startCallers(aims);
    const lane = async (index: number) => {
      for (let target = aims[index]; target !== undefined && revoked.length < REVOCATIONS; ) {
        revoked.push(target);
        const [status, next] = await Promise.all([revokeUnderFire(target), issueTarget()]);
        nextRequests.push(status);
        aims[index] = next;
        target = next;
      }
    };
    await Promise.all(aims.map((_, index) => lane(index))).finally(stopCallers);

    expect(nextRequests).toEqual(Array(REVOCATIONS).fill(401));
    const calls = revoked.flatMap(({ calls: all, revokedAt }) => all.map((one) => ({ ...one, revokedAt })));
    const begunLater = calls.filter(({ startedAt, revokedAt }) => startedAt > revokedAt);
    const lost = begunLater.filter(({ status }) => status === 200);
    report({
      property: 'a revoked key is refused on the very next request, through API and authorizer',
      tried: [
        ['revocations', REVOCATIONS],
        ['calls', calls.length],
        ['begun after one', begunLater.length],
      ],
      lost: lost.length,
    });
    expect(lost).toEqual([]);
    expect(calls.filter(({ status }) => ![200, 401, ...NO_VERDICT].includes(status))).toEqual([]);
    // Otherwise nobody would have been there to be refused.
    expect(begunLater.length).toBeGreaterThan(REVOCATIONS / 5);
    expect(calls.length).toBeGreaterThan(REVOCATIONS * 3);
  },
  LONG,
);

const HAMMERED = scaled({ part: 2, whole: 60 });

test(
  `the revocation of the one key that ${CALLERS} callers hammer does not starve, ${HAMMERED} times`,
  async () => {
    let late = 0;
    const statuses: number[] = [];
    for (let round = 0; round < HAMMERED; round += 1) {
      const target = await issueTarget();
      const stopCallers = startCallers([target]);
      statuses.push(await revokeUnderFire(target).finally(stopCallers));
      late += target.calls.filter(
        ({ startedAt, status }) => startedAt > target.revokedAt && status === 200,
      ).length;
    }
    const property = `the revocation of a key that ${CALLERS} callers hammer is answered, and holds`;
    report({ property, tried: [['revocations', HAMMERED]], lost: late });
    expect(statuses).toEqual(Array(HAMMERED).fill(401));
    expect(late).toBe(0);
  },
  LONG,
);
