import type { ImportOutcome } from '../../../core/management/key-import.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import type { ImportResult } from '../answers/import-answers.ts';

/** @param reason a sentence. */
export function skipRow(
  index: number,
  code: NonNullable<ImportResult['code']>,
  reason: string,
): ImportResult {
  return { index, outcome: 'skipped', id: null, code, reason };
}

interface Bounds {
  readonly profile: Pick<Profile, 'maxActiveKeys'>;
  readonly maxKeysPerMember: number;
}

/** Tells the outcome of a row to the caller. It says nothing of another workspace. */
export function resultOf(index: number, outcome: ImportOutcome, bounds: Bounds): ImportResult {
  const skip = (code: NonNullable<ImportResult['code']>, reason: string) => skipRow(index, code, reason);
  switch (outcome.kind) {
    case 'imported':
      return { index, outcome: 'imported', id: outcome.id, code: null, reason: null };
    case 'present':
      return presentRow(index, outcome.id, PRESENT);
    case 'ended':
      return presentRow(index, outcome.id, ENDED);
    case 'taken':
      return skip('hash_taken', 'Another key of this deployment has this hash.');
    case 'limit_reached':
      return skip(
        'key_limit_reached',
        `A workspace may have at most ${bounds.profile.maxActiveKeys} active keys.`,
      );
    case 'member_limit_reached':
      return skip('key_limit_reached', `A member may have at most ${bounds.maxKeysPerMember} active keys.`);
    case 'prefix_full':
      return skip('lookup_prefix_full', 'Four secrets have this look-up prefix already, and no more may.');
    case 'changed':
      return skip('conflict', 'Other changes came first each time. Import the row again.');
    case 'unavailable':
      return skip('unavailable', 'The store did not do it now. Import the row again.');
  }
}

type Told = readonly [code: NonNullable<ImportResult['code']>, reason: string];

const PRESENT: Told = [
  'already_present',
  'The workspace has a key with this hash already. Nothing of it was changed.',
];
const ENDED: Told = [
  'already_ended',
  'The workspace had a key with this hash, which has ended. An import revives nothing.',
];

function presentRow(index: number, id: string, [code, reason]: Told): ImportResult {
  return { index, outcome: 'present', id, code, reason };
}
