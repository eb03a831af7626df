import * as v from 'valibot';
import { CHECKSUM_LENGTH } from '../../core/checksum.ts';
import { normalEmailAddress } from '../../core/email-address.ts';
import { hasFormat, type KeyFormat } from '../../core/key-text.ts';
import { MANAGEMENT_KEY } from '../../core/management-key.ts';
import { formatNetwork, isCidr, parseNetwork } from '../../core/network.ts';
import { isPrintable } from '../../core/printable.ts';
import {
  credentialTypesOf,
  HIGHEST_LIMIT,
  LONGEST_WINDOW_SECONDS,
  type Profile,
  type RateLimit,
} from '../../core/profile.ts';
import { ROLES } from '../../core/role.ts';
import type { Scopes } from '../../core/scope.ts';
import { fitsUserId, LONGEST_USER_ID_BYTES } from '../../core/user-id.ts';
import { profile } from '../profile.ts';

/** The fields that requests carry. Each message completes "must be …", so that a caller reads what was expected. */

/** Printable text: what is shown in terminals, logs and pages must not steer them, and must not be a pasted secret. */
function text(longest: number) {
  const expected = `1 to ${longest} characters of text without control characters or secrets`;
  return v.pipe(
    v.string(expected),
    v.check((value) => value.trim() !== '' && value.length <= longest && isPrintable(value), expected),
    v.check((value) => !SECRET_FORMATS.some((format) => holdsSecret(format, value)), expected),
  );
}

/** A format without a prefix cannot be told from ordinary text. */
const SECRET_FORMATS = [MANAGEMENT_KEY, ...credentialTypesOf(profile)]
  .map(({ format }) => format)
  .filter(({ prefix }) => prefix !== '');

function holdsSecret(format: KeyFormat, value: string): boolean {
  const { prefix, randomLength, hasChecksum } = format;
  const length = randomLength + (hasChecksum ? CHECKSUM_LENGTH : 0);
  const [, ...behindPrefix] = value.split(prefix);
  return behindPrefix.some((text) => hasFormat(format, prefix + text.slice(0, length)));
}

export function integer(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, expected),
  );
}

export const name = text(100);
export const description = v.nullable(text(500));
const USER_ID = `1 to ${LONGEST_USER_ID_BYTES} bytes of text without control characters or secrets`;
export const userId = v.pipe(text(LONGEST_USER_ID_BYTES), v.check(fitsUserId, USER_ID));

export const role = v.picklist(ROLES, `one of ${ROLES.join(', ')}`);

const EMAIL = 'an e-mail address such as ada@example.com, in ASCII';

/** Yields the address in lower case. */
export const email = v.pipe(
  v.string(EMAIL),
  v.check((address) => normalEmailAddress(address) !== undefined, EMAIL),
  v.transform((address) => address.toLowerCase()),
);

const EXPIRY = 'a future time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z, or null';
const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** @param now Unix seconds. Yields Unix seconds; a fraction is dropped, so that a key never outlives what was asked. */
export function expiry(now: number) {
  return v.nullable(
    v.pipe(
      v.string(EXPIRY),
      v.check((value) => isRealDate(value) && Date.parse(value) >= (now + 1) * 1000, EXPIRY),
      v.transform((value) => Math.floor(Date.parse(value) / 1000)),
    ),
  );
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isRealDate(value: string): boolean {
  const [, year = '', month = '', day = ''] = ISO_8601.exec(value) ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(Date.parse(value)) && date.getUTCDate() === Number(day);
}

const CIDRS = 'a list of at most 8 networks such as 203.0.113.0/24 or 2001:db8::/32';

/** Yields each network once, in its shortest form; `null` and an empty list both mean everywhere. */
export const allowedCidrs = v.pipe(
  v.nullable(v.array(v.pipe(v.string(CIDRS), v.check(isCidr, CIDRS)), CIDRS)),
  v.transform((list) => [
    ...new Set((list ?? []).flatMap((text) => parseNetwork(text) ?? []).map(formatNetwork)),
  ]),
  v.maxLength(8, CIDRS),
);

/** Yields `null` for the plan's own limit. */
export function rateLimit(profile: Profile) {
  if (profile.rateLimits === undefined) return v.never('left out: nothing is rate limited here');
  return v.nullable(
    v.pipe(
      v.strictObject({
        limit: integer(1, HIGHEST_LIMIT),
        window_seconds: integer(1, LONGEST_WINDOW_SECONDS),
      }),
      v.transform(({ limit, window_seconds }): RateLimit => ({ limit, windowSeconds: window_seconds })),
    ),
  );
}

export function plan({ rateLimits }: Profile) {
  const plans = Object.keys(rateLimits?.plans ?? {});
  const expected = plans.length === 0 ? 'left out: there are no plans here' : `one of ${plans.join(', ')}`;
  return v.pipe(
    v.string(expected),
    v.check((value) => plans.includes(value), expected),
  );
}

/** Yields scopes of the profile; an empty list means all of them where the profile lets it. */
export function scopes(profile: Profile) {
  const known = profile.scopes?.definitions.map((definition) => definition.name) ?? [];
  const expected =
    known.length === 0
      ? 'left out or empty: keys carry no scopes here'
      : `a list of ${profile.issuing.requiresScopes ? 'at least one of' : ''} ${known.join(', ')}`.replace(
          '  ',
          ' ',
        );
  return v.pipe(
    v.array(
      v.pipe(
        v.string(expected),
        v.check((scope) => known.includes(scope), expected),
      ),
      expected,
    ),
    v.check((list) => list.length > 0 || !profile.issuing.requiresScopes, expected),
    v.transform((list): Scopes => {
      const [first, ...rest] = new Set(list);
      return first === undefined ? 'all' : [first, ...rest];
    }),
  );
}
