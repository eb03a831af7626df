import type { Profile } from '../../core/profile/profile.ts';

/**
 * `#profile` outside the bundles of Keyward's own functions: importing it fails. There is no default product, because a
 * function that enforced another product's rules would let the wrong callers in. In a bundle, the deployment's profile, parsed
 * already, takes the place of this module.
 */
export const profile: Profile = failToStart();

function failToStart(): never {
  throw new Error(
    'This function was bundled without a profile. lib/functions/bundle.ts puts one in the place of #profile.',
  );
}
