import type { Profile } from '../../../core/profile/profile.ts';
import { OLDER } from '../../core/credential/older-keys.ts';
import { profile as standard } from '../../standard-profile.ts';

/** A product that accepts keys of two other systems: one kept SHA-256, and one kept bcrypt. */
export const importedProfile: Profile = {
  ...standard,
  apiKey: { ...standard.apiKey, accepts: [OLDER.unkey, OLDER.bcrypt] },
};
