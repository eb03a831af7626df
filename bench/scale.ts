import type { Rounds } from './race.ts';

export interface GrowthStep {
  readonly count: number;
  /** What of the keys is written: records take as long again, and only the list of keys reads them. */
  readonly written: 'secrets' | 'secrets and records';
}

/** How much is measured. A quick run shows that everything works; its figures are worth nothing. */
export interface Scale {
  readonly memoryKeys: number;
  readonly memoryRounds: Rounds;
  readonly betterAuthKeys: number;
  readonly storeKeys: number;
  readonly storeRounds: Rounds;
  readonly spawns: number;
  /** The smallest first: the others are compared with it. */
  readonly growth: readonly GrowthStep[];
  readonly growthRounds: Rounds;
  readonly page: { readonly size: number; readonly number: number };
  readonly requestsPerRound: number;
  readonly requestRounds: number;
}

export const FULL: Scale = {
  memoryKeys: 100_000,
  memoryRounds: { count: 9, turnMs: 700 },
  betterAuthKeys: 1_000,
  storeKeys: 1_000,
  storeRounds: { count: 9, turnMs: 800 },
  spawns: 25,
  growth: [
    { count: 1_000, written: 'secrets and records' },
    { count: 100_000, written: 'secrets and records' },
    { count: 1_000_000, written: 'secrets' },
  ],
  growthRounds: { count: 9, turnMs: 600 },
  page: { size: 50, number: 1_000 },
  requestsPerRound: 400,
  requestRounds: 5,
};

export const QUICK: Scale = {
  memoryKeys: 2_000,
  memoryRounds: { count: 3, turnMs: 50 },
  betterAuthKeys: 50,
  storeKeys: 50,
  storeRounds: { count: 3, turnMs: 50 },
  spawns: 3,
  growth: [
    { count: 100, written: 'secrets and records' },
    { count: 1_000, written: 'secrets and records' },
    { count: 2_000, written: 'secrets' },
  ],
  growthRounds: { count: 3, turnMs: 50 },
  page: { size: 5, number: 100 },
  requestsPerRound: 30,
  requestRounds: 2,
};
