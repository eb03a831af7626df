import { compare, hash } from 'bcryptjs';
import type { Bcrypt } from '../core/credential/secret.ts';

/** Two to the power of this many rounds. */
const COST = 10;

/** bcrypt in plain JavaScript, which needs no native code for the architecture that Lambda runs. */
export const bcrypt: Bcrypt = {
  hash: (secret) => hash(secret, COST),
  matches: (secret, secretHash) => compare(secret, secretHash),
};
