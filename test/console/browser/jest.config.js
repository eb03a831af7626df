import { join } from 'node:path';
import config from '../../../jest.config.js';

/** The console in Chromium, in a run of its own: `npm run test:console`. */
export default {
  ...config,
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 180_000,
  maxWorkers: 2,
};
