import config from '../../jest.config.js';

// This run tries a part of each, `npm run test:faults` and `test:security` the whole, and `npm test` a few of those that it has.
process.env.KEYWARD_CAMPAIGN ??= 'part';

/**
 * Storms, races, crash sweeps and fuzzers: the suites that count what they try, and what is too long for `npm test` and
 * therefore stands in files named `*.campaign.ts`. A run of their own, `npm run check:campaigns`.
 */
export default {
  ...config,
  testMatch: ['<rootDir>/test/{faults,security}/*.test.ts', '<rootDir>/test/**/*.campaign.ts'],
  testTimeout: 300_000,
};
