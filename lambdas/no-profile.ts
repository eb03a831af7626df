import type { Profile } from '../core/profile/profile.ts';

/**
 * What `#profile` is outside the bundles of Keyward's own functions. There is no product to fall back on: a function that
 * enforced another product's rules would let in whom nobody meant. The bundler puts the deployment's profile in place of this
 * module, parsed already.
 */
export const profile: Profile = refuse();

function refuse(): never {
  throw new Error(
    "This function was bundled without a profile: lib/bundle.ts puts the deployment's in place of #profile.",
  );
}
