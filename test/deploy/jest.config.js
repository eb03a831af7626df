import { join } from 'node:path';
import config from '../../jest.config.js';

/** Deployments into an emulator of AWS, which has to be fetched first: a run of their own, `npm run test:deploy`. */
export default {
  ...config,
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  // A hook installs the emulator, starts it and lets the CDK deploy.
  testTimeout: 1_200_000,
};
