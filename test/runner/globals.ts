import type * as Globals from '@jest/globals';
import { GLOBALS } from './runtime.ts';

/** What a suite gets for `@jest/globals`: the functions that jest has made for this suite. */
const made = Reflect.get(globalThis, GLOBALS) as typeof Globals;

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = made;
