import { afterAll, test } from '@jest/globals';
import { report, SEED, scaled } from '../campaigns/campaign.ts';

/** What one file of a campaign has tried, and how often its property was lost. */
export interface TalliedProperty {
  count(what: string, number?: number): void;
  /** A test of the property: whatever fails in it is lost. */
  test(name: string, body: () => unknown): void;
}

/** The whole of a campaign takes longer than a test should otherwise. */
const TIMEOUT_MS = scaled({ part: 300_000, whole: 900_000 });

/** Reports a property when all tests of a file have run. */
export function tallied(property: string): TalliedProperty {
  const tried = new Map<string, number>();
  let lost = 0;
  afterAll(() => report({ property, tried: [...tried], lost }));
  return {
    count(what, number = 1) {
      tried.set(what, (tried.get(what) ?? 0) + number);
    },
    test(name, body) {
      const counted = async () => {
        try {
          await body();
        } catch (error) {
          lost += 1;
          throw error;
        }
      };
      test(name, counted, TIMEOUT_MS);
    },
  };
}

/** How fast-check runs a property: as often as told, from the campaign's seed. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: SEED, numRuns };
}
