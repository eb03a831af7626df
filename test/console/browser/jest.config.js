import { join } from 'node:path';
import config from '../../../jest.config.js';

/** The console in Chromium, in a run of its own: `npm run test:console`. */
export default {
  ...config,
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  // Above what a test's longest steps may take one after the other, so that a step that fails says which it was.
  testTimeout: 600_000,
  maxWorkers: 2,
};
