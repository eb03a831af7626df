import { expect, test } from '@jest/globals';
import type { RefusedCall, RefusedEvent } from '../../core/audit/audit-event.ts';
import type { LogEntry } from '../../lambdas/log/entry.ts';
import { refusalLog } from '../../lambdas/refusal-log.ts';
import { millisecondsLeft } from '../../lambdas/time-limit.ts';

const NOW = 1_800_000_000;

const callOf = (user: string): RefusedCall => ({
  caller: { kind: 'signed_in', user },
  log: `USER#${user}`,
  route: { method: 'GET', resource: '/v1/workspaces/{workspace}' },
  pathParameters: null,
  sourceAddress: '203.0.113.7',
  code: 'not_found',
});

/** A log of refusals whose store does what `appendOnce` does. */
function observed(appendOnce: (event: RefusedEvent) => Promise<void> = async () => {}) {
  const appended: RefusedEvent[] = [];
  let now = NOW;
  const faults: LogEntry[] = [];
  const noteRefusal = refusalLog(
    {
      appendOnce: (event) => {
        appended.push(event);
        return appendOnce(event);
      },
    },
    () => ({ id: 'evt_00000000000000000001', at: now }),
  );
  const pass = (seconds: number) => {
    now += seconds;
  };
  const note = (call: RefusedCall) => noteRefusal(call, (fault) => faults.push(fault));
  return { note, appended, faults, pass };
}

test('a caller who is refused over and over costs one write a minute, and other callers’ refusals are still written', async () => {
  const { note, appended, pass } = observed();
  for (let times = 0; times < 100; times += 1) await note(callOf('usr_1'));
  expect(appended).toHaveLength(1);
  await note(callOf('usr_2'));
  expect(appended).toHaveLength(2);
  pass(60);
  await note(callOf('usr_1'));
  expect(appended).toHaveLength(3);
});

test('refusals of many callers do not fill the memory of an instance', async () => {
  const { note, appended } = observed();
  for (let user = 0; user < 1_001; user += 1) await note(callOf(`usr_${user}`));
  expect(appended).toHaveLength(1_001);
  // The first was forgotten, and is written again: the store keeps what is there.
  await note(callOf('usr_0'));
  expect(appended).toHaveLength(1_002);
});

test('if the store fails, the caller gets the same refusal, the fault is logged, and the next refusal is written', async () => {
  let isDown = true;
  const { note, appended, faults } = observed(async () => {
    if (isDown) throw new Error('The store did not take a write.');
  });
  await note(callOf('usr_1'));
  expect(faults).toMatchObject([
    {
      level: 'ERROR',
      fields: { causes: [{}, { message: 'The store did not take a write.' }] },
      metric: { name: 'AuditFault' },
    },
  ]);
  expect(JSON.stringify(faults)).not.toContain('usr_1');
  isDown = false;
  await note(callOf('usr_1'));
  await note(callOf('usr_1'));
  expect(appended).toHaveLength(2);
});

test('a store that does not answer delays a refusal by 1.5 seconds at most', async () => {
  let left = Number.POSITIVE_INFINITY;
  const { note } = observed(async () => {
    left = millisecondsLeft();
  });
  await note(callOf('usr_1'));
  expect(left).toBeLessThanOrEqual(1_500);
});
