import * as v from 'valibot';
import { canNameUser, isUserId, normalizeEmailAddress, USER_ID } from '../../../core/access/identity.ts';
import { formatNetwork, isCidr, parseNetwork } from '../../../core/access/network.ts';
import { HIGHEST_LIMIT, LONGEST_WINDOW_SECONDS, type RateLimit } from '../../../core/access/rate-limit.ts';
import { ROLES } from '../../../core/access/role.ts';
import type { Scopes } from '../../../core/access/scope.ts';
import { MANAGEMENT_KEY } from '../../../core/credential/credential-type.ts';
import { hasFormat, type KeyFormat, keyLength } from '../../../core/credential/key-text.ts';
import { credentialTypesOf, type Profile } from '../../../core/profile/profile.ts';
import { hintOf } from '../../../core/text/closest-word.ts';
import { parseTimestamp } from '../../../core/text/timestamp.ts';
import { DESCRIPTION_LENGTH, isDescription, isName, NAME_LENGTH } from '../../../core/text/visible-text.ts';
import { invalidRequest } from '../../http/problem.ts';
import { profile } from '../../profile.ts';

/** The fields that requests carry. Each message completes "must be …", so that a caller reads what was expected. */

/** @param isFit what else a text has to be: what is shown in terminals, logs and pages must not steer them. */
function text(expected: string, isFit: (value: string) => boolean) {
  return v.pipe(v.string(expected), v.check(isFit, expected), v.check(holdsNoSecret, expected));
}

/** A secret that was pasted into the wrong field would be kept, and shown to everybody who sees that field. */
function holdsNoSecret(value: string): boolean {
  return !SECRET_FORMATS.some((format) => holdsSecret(format, value));
}

/** A format without a prefix cannot be told from ordinary text. */
const SECRET_FORMATS = [MANAGEMENT_KEY, ...credentialTypesOf(profile)]
  .map(({ format }) => format)
  .filter(({ prefix }) => prefix !== '');

function holdsSecret(format: KeyFormat, value: string): boolean {
  const { prefix } = format;
  const length = keyLength(format) - prefix.length;
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

const NAME = `1 to ${NAME_LENGTH.characters} characters of visible text, at most ${NAME_LENGTH.bytes} bytes, without control characters or secrets`;
export const name = text(NAME, isName);

const DESCRIPTION = `at most ${DESCRIPTION_LENGTH.characters} characters of visible text, at most ${DESCRIPTION_LENGTH.bytes} bytes, without control characters but line breaks, and without secrets`;

/** Yields `null` for the empty text, which describes nothing. */
export const description = v.pipe(
  v.nullable(text(DESCRIPTION, (value) => value === '' || isDescription(value))),
  v.transform((value) => value || null),
);

const VISIBLE_ID = `${USER_ID}, and no secret`;
/** Of a user who becomes known by it. */
export const userId = text(VISIBLE_ID, isUserId);

/** For an id that stands in a path. */
export const invalidUserId = () => invalidRequest('user_id', VISIBLE_ID);

/** Of a user who may be known from before there was a rule for ids. */
export const knownUserId = text(VISIBLE_ID, canNameUser);

/**
 * One of some words, for what expects nothing else.
 * @param expected completes "must be …"; the word that was meant stands behind it, where one is close.
 */
function word(known: readonly string[], expected = listWords(known)) {
  return v.pipe(
    v.string(expected),
    v.check(
      (value) => known.includes(value),
      ({ input }) => expected + hintOf(input, known),
    ),
  );
}

/** As {@link word}, where the words are known when this is compiled. */
export function choice<const Word extends string>(known: readonly Word[]) {
  return v.picklist(known, ({ input }) => oneOf(known, input));
}

/** Completes "must be …". */
export function oneOf(known: readonly string[], input: unknown): string {
  return listWords(known) + hintOf(input, known);
}

function listWords(known: readonly string[]): string {
  return `one of ${known.join(', ')}`;
}

export const role = choice(ROLES);

const EMAIL = 'an e-mail address such as ada@example.com, in ASCII';

/** Yields the address in lower case. */
export const email = v.pipe(
  v.string(EMAIL),
  v.check((address) => normalizeEmailAddress(address) !== undefined, EMAIL),
  v.transform((address) => address.toLowerCase()),
);

const EXPIRY = 'a future time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z, or null';

/** @param now Unix seconds. Yields Unix seconds; a fraction is dropped, so that a key never outlives what was asked. */
export function expiry(now: number) {
  return v.nullable(
    v.pipe(
      v.string(EXPIRY),
      v.check((value) => (parseTimestamp(value)?.seconds ?? now) > now, EXPIRY),
      v.transform((value) => parseTimestamp(value)?.seconds ?? now),
    ),
  );
}

const TIME = 'a time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z';

/** Yields Unix seconds, a fraction rounded up: what happened in a second happened at its beginning. */
export const time = v.pipe(
  v.string(TIME),
  v.check((value) => parseTimestamp(value) !== undefined, TIME),
  v.transform((value) => {
    const { seconds = 0, hasFraction = false } = parseTimestamp(value) ?? {};
    return hasFraction ? seconds + 1 : seconds;
  }),
);

const CIDR = 'a network such as 203.0.113.0/24 or 2001:db8::/32';
const CIDRS = 'a list of at most 8 networks such as 203.0.113.0/24 or 2001:db8::/32';

/** Yields each network once, in its shortest form; `null` and an empty list both mean everywhere. */
export const allowedCidrs = v.pipe(
  v.nullable(v.array(v.pipe(v.string(CIDR), v.check(isCidr, CIDR)), CIDRS)),
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
  return plans.length === 0 ? word(plans, 'left out: there are no plans here') : word(plans);
}

/** Yields scopes of the profile; an empty list means all of them where the profile lets it. */
export function scopes(profile: Profile) {
  const known = profile.scopes?.definitions.map((definition) => definition.name) ?? [];
  const { requiresScopes } = profile.issuing;
  const none = 'left out or empty: keys carry no scopes here';
  const list =
    known.length === 0 ? none : `a list of ${requiresScopes ? 'at least one of ' : ''}${known.join(', ')}`;
  return v.pipe(
    v.array(known.length === 0 ? word(known, none) : word(known), list),
    v.check((names) => names.length > 0 || !requiresScopes, list),
    v.transform((names): Scopes => {
      const [first, ...rest] = new Set(names);
      return first === undefined ? 'all' : [first, ...rest];
    }),
  );
}
