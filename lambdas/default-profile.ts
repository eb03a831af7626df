import { parseProfile } from '../core/profile-shape.ts';
import data from '../profiles/standard.json' with { type: 'json' };

/** What `#profile` is outside bundles. The bundler puts the chosen profile in place of this module, parsed already. */
export const profile = parseProfile(data);
