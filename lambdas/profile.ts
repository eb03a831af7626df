import { profile as chosen } from '#profile';
import type { Profile } from '../core/profile/profile.ts';

/** The product's profile. A function is bundled with one, so it can only be of one product. */
export const profile: Profile = chosen;
