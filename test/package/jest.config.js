import { join } from 'node:path';
import config from '../../jest.config.js';

/** The packed package in new projects outside this repository, which need a registry: a run of its own, `npm run test:package`. */
export default {
  ...config,
  globalSetup: join(import.meta.dirname, 'global-setup.ts'),
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each project installs its packages.
  testTimeout: 1_200_000,
  maxWorkers: 1,
};
