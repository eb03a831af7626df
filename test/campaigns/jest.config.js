import config from '../../jest.config.js';

/**
 * Storms, races, crash sweeps and fuzzers with many runs, in files named `*.campaign.ts` beside the suites they enlarge:
 * a run of their own, `npm run check:campaigns`.
 */
export default {
  ...config,
  testMatch: ['<rootDir>/test/**/*.campaign.ts'],
  testTimeout: 300_000,
  passWithNoTests: true,
};
