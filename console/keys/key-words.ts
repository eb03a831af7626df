import type { ApiKey } from '../api/records.ts';
import { DAY, formatDay, formatTime, relativeTime } from '../text/relative-time.ts';

/** What people call a key: its name, or its start where it has none. */
export function nameOfKey({ name, start }: Pick<ApiKey, 'name' | 'start'>): string {
  return name ?? `${start}…`;
}

/** Whether two texts look the same on the page. There, blanks in a row are one, and an accent may be a character of its own. */
export function looksLike(one: string, other: string): boolean {
  const [shown, wanted] = [one, other].map((text) => text.normalize('NFC').trim().replaceAll(/\s+/g, ' '));
  return shown === wanted;
}

/** One sentence about the state of a key. */
export function describeStatus(key: ApiKey): string {
  switch (key.status) {
    case 'active':
      return key.expires_at === null ? 'It works.' : `It works until ${formatDay(key.expires_at)}.`;
    case 'disabled':
      return 'It is switched off. It can be enabled again.';
    case 'expired':
      return key.expires_at === null ? 'It has ended.' : `It ended on ${formatDay(key.expires_at)}.`;
    case 'revoked':
      return key.revoked_at === null
        ? 'It was ended for good.'
        : `It was ended for good on ${formatTime(key.revoked_at)}.`;
  }
}

/** What stops when a key ends. */
export function describeUse({ last_used_at }: Pick<ApiKey, 'last_used_at'>, now: number): string {
  if (last_used_at === null) return 'It was never used.';
  return `It was last used ${relativeTime(last_used_at, now)}. Programs that use it will be refused.`;
}

type OldSecret = NonNullable<ApiKey['previous_secret']>;

/** Whether the secret that a rotation has replaced is still used. */
export function describeOldSecret(old: OldSecret, now: number): string {
  const { last_used_at } = old;
  if (last_used_at === null) return 'The old secret was never used.';
  const use = relativeTime(last_used_at, now);
  if (isUsedSinceRotation(old)) return `The old secret is still used: ${use}, after the rotation.`;
  if (old.replaced_at === null) return `The old secret was last used ${use}.`;
  return `The old secret was not used since the rotation. Its last use was ${use}.`;
}

/** Whether something has not changed over to the new secret yet. Where the rotation's time is not known, a use within a day counts. */
export function needsOldSecret(old: OldSecret, now: number): boolean {
  return old.replaced_at === null ? isInUse(old, now) : isUsedSinceRotation(old);
}

function isUsedSinceRotation({ replaced_at, last_used_at }: OldSecret): boolean {
  if (replaced_at === null || last_used_at === null) return false;
  return Date.parse(last_used_at) > Date.parse(replaced_at);
}

/** Whether somebody has used the key within a day: then something probably still needs it. */
export function isInUse({ last_used_at }: Pick<ApiKey, 'last_used_at'>, now: number): boolean {
  return last_used_at !== null && now - Date.parse(last_used_at) < DAY * 1000;
}
