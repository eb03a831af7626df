import type { Bcrypt } from '../core/credential/secret.ts';

const never = async (): Promise<never> => {
  throw new Error('The profile keeps no secret as bcrypt.');
};

/** What the bundler puts in place of bcrypt where the profile keeps nothing so: every cold start would load it. */
export const bcrypt: Bcrypt = { hash: never, matches: never };
