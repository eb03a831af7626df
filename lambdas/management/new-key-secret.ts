import { randomBytes } from 'node:crypto';
import { bcrypt } from '#bcrypt';
import { newSecret } from '../../core/new-secret.ts';
import { profile } from '../profile.ts';

/** A secret for one of the product's keys, drawn now. */
export const newKeySecret = () => newSecret(profile.apiKey, { draw: randomBytes, slowHash: bcrypt });
