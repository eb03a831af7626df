import { randomBytes } from 'node:crypto';
import { bcrypt } from '#verifiers';
import { makeSecret } from '../../../core/credential/secret.ts';
import type { TokenRules } from '../../../core/profile/profile.ts';
import { profile } from '../../profile.ts';

const source = { draw: randomBytes, bcrypt };

/** A secret for one of the product's keys, drawn now. */
export const newKeySecret = () => makeSecret(profile.apiKey, source);

/** A secret for a personal access token, drawn now. */
export const newTokenSecret = ({ format }: TokenRules) => makeSecret({ format, storedAs: 'sha256' }, source);
