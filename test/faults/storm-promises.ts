import { expect, test } from '@jest/globals';
import { scaled } from '../campaigns/campaign.ts';
import { unfitAnswers } from './answer-record.ts';
import { sweepAll } from './calm.ts';
import { wrongSights, wrongUses } from './credential-history.ts';
import { disagreements, readMemory } from './stored-agreement.ts';
import { type Change, repeatUnfinished, reportStorm, type Storm } from './storm.ts';

const LONG = 400_000;

/** A function that has failed rather than answered. */
const FAILURE = /The (function|authorizer) failed|Uncaught Exception|Invoke Error/;

/** What each storm is judged by, once it is over. */
export interface StormPromises {
  readonly storm: () => Storm;
  /** What a change may be refused with: what was asked, the status and the code. */
  readonly refusals: readonly string[];
  /** What its caller can finish without the sweeper: all but what waits for a rotation that was left half done. */
  readonly isFinishedByRepeating: (change: Change) => boolean;
  /** Uses and looks at everything once more. */
  readonly tryAll: () => Promise<void>;
}

/** Declares the tests, in the order in which they have to run. */
export function keepsPromises({ storm, refusals, isFinishedByRepeating, tryAll }: StormPromises): void {
  test('it was a storm', () => {
    expect(storm().faults.met.size).toBeGreaterThan(5);
    const unavailable = storm().answers.filter(({ status }) => status === 503);
    // So few calls as a part makes may all have got through by being sent again.
    expect(unavailable.length).toBeGreaterThanOrEqual(scaled({ part: 0, whole: 20 }));
  });

  test(
    'what was answered 503 is finished by a repetition or the sweeper, or was not begun; then all that is stored agrees',
    async () => {
      const { tables } = storm().product;
      const unfinished = await repeatUnfinished(storm(), isFinishedByRepeating);
      await sweepAll(tables);
      unfinished.push(...(await repeatUnfinished(storm())));
      const found = disagreements(await readMemory(tables), Date.now() / 1000);
      reportStorm(storm(), 'repeating a change that was answered 503 finishes it', unfinished.length);
      reportStorm(storm(), 'records, secrets, active-key slots and events agree in the end', found.length);
      expect({ unfinished, found }).toEqual({ unfinished: [], found: [] });
      await tryAll();
    },
    LONG,
  );

  test('no request is let through that was forbidden before it began, and none turned away for nothing', () => {
    const wrong = storm().credentials.map(wrongUses);
    const letThrough = wrong.flatMap((each) => each.letThrough);
    const turnedAway = wrong.flatMap((each) => each.turnedAway);
    reportStorm(storm(), 'no request is let through that was forbidden before it began', letThrough.length);
    reportStorm(storm(), 'no request is turned away for nothing', turnedAway.length);
    expect({ letThrough, turnedAway }).toEqual({ letThrough: [], turnedAway: [] });
    expect(storm().credentials.flatMap(wrongSights)).toEqual([]);
  });

  test('every answer is the one asked for, a refusal, or 503 with Retry-After; none shows what is inside', () => {
    const unfit = unfitAnswers(storm().answers);
    reportStorm(
      storm(),
      'every answer is what was asked for, a refusal or 503 with Retry-After',
      unfit.length,
    );
    // What went wrong stands in the log, and is needed to understand an answer that may not be.
    const failures = unfit.length === 0 ? [] : storm().product.lines.filter(({ text }) => FAILURE.test(text));
    expect({ unfit, failures }).toEqual({ unfit: [], failures: [] });
    expect([...storm().refusals].filter((refusal) => !refusals.includes(refusal))).toEqual([]);
  });

  test('no function is cut off by its time-out', () => {
    const cutOff = storm().product.lines.filter(({ text }) => text.includes('Task timed out'));
    reportStorm(storm(), 'no function is cut off by its time-out', cutOff.length);
    expect(cutOff).toEqual([]);
  });
}
