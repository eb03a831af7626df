import type { Rounds } from './race.ts';

/** Many short turns, so that compared contenders are measured within a second or two of each other. */
export interface Races {
  readonly rounds: Rounds;
  /** The accepted error of a ratio's median, such as 0.04. Below it, no more races run. */
  readonly noise: number;
  /** Races of `rounds` each. */
  readonly atMost: number;
}

/** How much to measure. A quick run only shows that everything works. Its figures mean nothing. */
export interface Scale {
  readonly memoryKeys: number;
  readonly memoryRounds: Rounds;
  readonly betterAuthKeys: number;
  readonly storeKeys: number;
  readonly storeRounds: Rounds;
  readonly spawns: number;
  /** How many keys each table has, the smallest first: the others are compared with it. */
  readonly growth: readonly number[];
  readonly growthRaces: { readonly verification: Races; readonly page: Races };
  readonly page: { readonly size: number; readonly number: number };
  readonly importKeys: { readonly count: number; readonly rounds: number };
  readonly requestsPerRound: number;
  readonly requestRounds: number;
}

export const FULL: Scale = {
  memoryKeys: 100_000,
  memoryRounds: { count: 41, turnMs: 150 },
  betterAuthKeys: 1_000,
  storeKeys: 1_000,
  storeRounds: { count: 9, turnMs: 800 },
  spawns: 25,
  growth: [1_000, 100_000, 1_000_000],
  growthRaces: {
    verification: { rounds: { count: 80, turnMs: 120 }, noise: 0.04, atMost: 8 },
    page: { rounds: { count: 50, turnMs: 200 }, noise: 0.04, atMost: 6 },
  },
  page: { size: 50, number: 1_000 },
  importKeys: { count: 100_000, rounds: 20 },
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
  growth: [100, 1_000, 2_000],
  growthRaces: {
    verification: { rounds: { count: 8, turnMs: 40 }, noise: 0.04, atMost: 2 },
    page: { rounds: { count: 4, turnMs: 50 }, noise: 0.04, atMost: 2 },
  },
  page: { size: 5, number: 100 },
  importKeys: { count: 300, rounds: 3 },
  requestsPerRound: 30,
  requestRounds: 2,
};
