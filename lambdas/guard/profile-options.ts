import { InvalidProfile, parseProfile } from '../../core/profile/parse-profile.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { type GuardOptions, readOptions } from './options.ts';

export interface ProfileGuardOptions extends GuardOptions {
  /**
   * The product's rules: the data of its JSON file, such as
   * `import profile from './profiles/ours.json' with { type: 'json' }`. Nothing takes its place.
   */
  readonly profile: object;
}

/**
 * Reads what a guard that decides by a profile is given.
 * @throws at start, also without a profile or with one that is not valid: a guard that enforced other rules than its
 * product's would let in whom nobody meant.
 */
export function readProfileOptions(
  guardName: string,
  options: ProfileGuardOptions,
): { readonly profile: Profile; readonly now: () => number } {
  // Whoever writes plain JavaScript may leave anything out.
  const { profile, ...others }: Partial<ProfileGuardOptions> = options ?? {};
  const { now } = readOptions(guardName, others);
  return { profile: parseFor(guardName, profile), now };
}

function parseFor(guardName: string, data: unknown): Profile {
  if (typeof data !== 'object' || data === null) {
    throw new InvalidProfile(
      `${guardName}() needs the profile of the product: call ${guardName}({ profile }) with the data of its JSON file.`,
    );
  }
  try {
    return parseProfile(data);
  } catch (cause) {
    if (!(cause instanceof InvalidProfile)) throw cause;
    throw new InvalidProfile(`${guardName}() was given a profile that is not valid. ${cause.message}`, {
      cause,
    });
  }
}
