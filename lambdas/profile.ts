import data from '#profile' with { type: 'json' };
import { parseProfile } from '../core/profile-shape.ts';

/** The product's profile. The bundler puts the chosen one in place of the import, so a function can only be of one. */
export const profile = parseProfile(data);
