import { join } from 'node:path';
import config from '../../../jest.config.js';

/** Every command of every page, on running products: a run of its own, `npm run test:docs`. */
export default {
  ...config,
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
};
