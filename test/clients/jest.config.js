import { join } from 'node:path';
import config from '../../jest.config.js';

/** Clients in other languages, which have to be fetched first: a run of their own, `npm run test:clients`. */
export default {
  ...config,
  testMatch: [join(import.meta.dirname, '*.test.ts')],
  testPathIgnorePatterns: ['/node_modules/'],
  // The packages are installed once for each version of them and of Python.
  testTimeout: 600_000,
};
