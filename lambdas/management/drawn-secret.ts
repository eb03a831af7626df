import { randomBytes } from 'node:crypto';
import { bcrypt } from '#bcrypt';
import { newSecret } from '../../core/credential/new-secret.ts';
import type { TokenRules } from '../../core/profile/profile.ts';
import { profile } from '../profile.ts';

const source = { draw: randomBytes, slowHash: bcrypt };

/** A secret for one of the product's keys, drawn now. */
export const newKeySecret = () => newSecret(profile.apiKey, source);

/** A secret for a personal access token, drawn now. */
export const newTokenSecret = ({ format }: TokenRules) => newSecret({ format, storedAs: 'sha256' }, source);
