import * as v from 'valibot';
import {
  canNameUser,
  isUserId,
  LONGEST_ADDRESS,
  LONGEST_USER_ID_BYTES,
  normalizeEmailAddress,
  USER_ID,
} from '../../../core/access/identity.ts';
import { formatNetwork, isCidr, parseNetwork } from '../../../core/access/network.ts';
import { HIGHEST_LIMIT, LONGEST_WINDOW_SECONDS, type RateLimit } from '../../../core/access/rate-limit.ts';
import { ROLES } from '../../../core/access/role.ts';
import type { Scopes } from '../../../core/access/scope.ts';
import { type AcceptedFormat, isOfAlphabet } from '../../../core/credential/accepted-shape.ts';
import { OWN_FORMATS } from '../../../core/credential/credential-type.ts';
import { hasFormat, type KeyFormat, keyLength } from '../../../core/credential/key-text.ts';
import { credentialTypesOf, type Profile } from '../../../core/profile/profile.ts';
import { hintOf } from '../../../core/text/closest-word.ts';
import {
  DESCRIPTION_LENGTH,
  EXTERNAL_ID_LENGTH,
  isDescription,
  isExternalId,
  isName,
  NAME_LENGTH,
} from '../../../core/text/visible-text.ts';
import { invalidRequest, type ProblemError } from '../../http/problem.ts';

/**
 * The fields of requests. Each message completes "must be …" and says what was expected. A field that shows text to others takes
 * the profile, because it refuses the product's secrets.
 */

/** @param expected completes "must be …". `isFit` says what else a text has to be: it must not steer terminals, logs and pages. */
function text(
  profile: Profile,
  { expected, isFit }: { readonly expected: string; readonly isFit: (value: string) => boolean },
) {
  const formats = secretFormatsOf(profile);
  const olderFormats = profile.apiKey.accepts?.map(({ format }) => format) ?? [];
  const holdsNoSecret = (value: string) =>
    !formats.some((format) => holdsSecret(format, value)) &&
    !olderFormats.some((format) => holdsOlderKey(format, value));
  return v.pipe(v.string(expected), v.check(isFit, expected), v.check(holdsNoSecret, expected));
}

/**
 * A secret that somebody pasted into the wrong field would be kept, and everybody who sees the field would see it. A format
 * without a prefix is left out: its secrets look like ordinary text.
 */
function secretFormatsOf(profile: Profile): readonly KeyFormat[] {
  return [...Object.values(OWN_FORMATS), ...credentialTypesOf(profile).map(({ format }) => format)].filter(
    ({ prefix }) => prefix !== '',
  );
}

function holdsSecret(format: KeyFormat, value: string): boolean {
  const { prefix } = format;
  const length = keyLength(format) - prefix.length;
  const [, ...behindPrefix] = value.split(prefix);
  return behindPrefix.some((rest) => hasFormat(format, prefix + rest.slice(0, length)));
}

/** A text that is longer than the key counts too: more characters behind a key leave it a key. */
function holdsOlderKey({ prefix, alphabet, minLength }: AcceptedFormat, value: string): boolean {
  if (prefix === '') return false;
  const [, ...behindPrefix] = value.split(prefix);
  return behindPrefix.some(
    (rest) => rest.length >= minLength && isOfAlphabet(alphabet, rest.slice(0, minLength)),
  );
}

export function integerField(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

const NAME = `1 to ${NAME_LENGTH.characters} characters of visible text, at most ${NAME_LENGTH.bytes} bytes, without control characters or secrets`;
export function nameField(profile: Profile) {
  return v.pipe(text(profile, { expected: NAME, isFit: isName }), v.nonEmpty(NAME));
}

const MEMBER_NAME = `${NAME}; or empty or null for no name`;

/** Yields `null` for the empty text, which names nobody. */
export function memberNameField(profile: Profile) {
  const isFit = (value: string) => value === '' || isName(value);
  return v.pipe(
    v.nullable(text(profile, { expected: MEMBER_NAME, isFit })),
    v.transform((value) => value || null),
  );
}

const DESCRIPTION = `at most ${DESCRIPTION_LENGTH.characters} characters of visible text, at most ${DESCRIPTION_LENGTH.bytes} bytes, without control characters but line breaks, and without secrets`;

/** Yields `null` for the empty text, which describes nothing. */
export function descriptionField(profile: Profile) {
  const isFit = (value: string) => value === '' || isDescription(value);
  return v.pipe(
    v.nullable(text(profile, { expected: DESCRIPTION, isFit })),
    v.transform((value) => value || null),
  );
}

const EXTERNAL_ID = `1 to ${EXTERNAL_ID_LENGTH.characters} characters of visible text, at most ${EXTERNAL_ID_LENGTH.bytes} bytes, without control characters or secrets`;

export function externalIdField(profile: Profile) {
  const expected = `${EXTERNAL_ID}, or null`;
  return v.nullable(v.pipe(text(profile, { expected, isFit: isExternalId }), v.nonEmpty(expected)));
}

/** An external id to look for. */
export const externalIdFilter = v.pipe(
  v.string(EXTERNAL_ID),
  v.check(isExternalId, EXTERNAL_ID),
  v.nonEmpty(EXTERNAL_ID),
);

const VISIBLE_ID = `${USER_ID}, and no secret`;

/** The id of a user who is named here for the first time. */
export function userIdField(profile: Profile) {
  return userId(profile, isUserId);
}

/** The id of a user who may have become a member before there was a rule for ids. */
export function knownUserIdField(profile: Profile) {
  return userId(profile, canNameUser);
}

/** No text has more characters than bytes, so a description may give the bound in bytes as one of characters. */
function userId(profile: Profile, isFit: (value: string) => boolean) {
  return v.pipe(
    text(profile, { expected: VISIBLE_ID, isFit }),
    v.nonEmpty(VISIBLE_ID),
    v.maxLength(LONGEST_USER_ID_BYTES, VISIBLE_ID),
  );
}

/** For an id in a path. */
export function invalidUserId(): ProblemError {
  return invalidRequest('user_id', VISIBLE_ID);
}

/**
 * One of some words.
 * @param expected completes "must be …". Where a known word is close to what was sent, it follows as a hint.
 */
function word(known: readonly string[], expected = listWords(known)) {
  return v.picklist(known, ({ input }) => expected + hintOf(input, known));
}

/** As {@link word}, for words that the compiler knows. */
export function choiceField<const Word extends string>(known: readonly Word[]) {
  return v.picklist(known, ({ input }) => oneOf(known, input));
}

/** Completes "must be …". */
export function oneOf(known: readonly string[], input: unknown): string {
  return listWords(known) + hintOf(input, known);
}

function listWords(known: readonly string[]): string {
  return `one of ${known.join(', ')}`;
}

export const roleField = choiceField(ROLES);

const EMAIL = 'an e-mail address such as ada@example.com, in ASCII';

/** Yields the address in lower case. */
export const emailField = v.pipe(
  v.string(EMAIL),
  v.check((address) => normalizeEmailAddress(address) !== undefined, EMAIL),
  v.maxLength(LONGEST_ADDRESS, EMAIL),
  v.transform((address) => address.toLowerCase()),
);

const CIDR = 'a network such as 203.0.113.0/24 or 2001:db8::/32';
const CIDRS = 'a list of at most 8 networks such as 203.0.113.0/24 or 2001:db8::/32';

/** Yields each network once, in its shortest form. `null` and an empty list both mean every network. */
export const allowedCidrsField = v.pipe(
  v.nullable(v.array(v.pipe(v.string(CIDR), v.check(isCidr, CIDR)), CIDRS)),
  v.transform((list) => [
    ...new Set((list ?? []).flatMap((text) => parseNetwork(text) ?? []).map(formatNetwork)),
  ]),
  v.maxLength(8, CIDRS),
);

/** Yields `null` for the plan's own limit. */
export function rateLimitField(profile: Profile) {
  if (profile.rateLimits === undefined) return v.never('left out: nothing is rate limited here');
  return v.nullable(
    v.pipe(
      v.strictObject({
        limit: integerField(1, HIGHEST_LIMIT),
        window_seconds: integerField(1, LONGEST_WINDOW_SECONDS),
      }),
      v.transform(({ limit, window_seconds }): RateLimit => ({ limit, windowSeconds: window_seconds })),
    ),
  );
}

export function planField({ rateLimits }: Profile) {
  const plans = Object.keys(rateLimits?.plans ?? {});
  return plans.length === 0 ? word(plans, 'left out: there are no plans here') : word(plans);
}

/** The name of one scope of the profile. */
export function scopeField({ scopes }: Profile) {
  const known = scopes?.definitions.map(({ name }) => name) ?? [];
  return known.length === 0 ? word(known, 'left out: keys carry no scopes here') : word(known);
}

/** Yields scopes of the profile. An empty list means all of them, where the profile allows an empty list. */
export function scopesField(profile: Profile) {
  const known = profile.scopes?.definitions.map((definition) => definition.name) ?? [];
  const { requiresScopes } = profile.issuing;
  const none = 'left out or empty: keys carry no scopes here';
  const list =
    known.length === 0 ? none : `a list of ${requiresScopes ? 'at least one of ' : ''}${known.join(', ')}`;
  return v.pipe(
    v.array(known.length === 0 ? word(known, none) : word(known), list),
    v.minLength(requiresScopes ? 1 : 0, list),
    v.transform((names): Scopes => {
      const [first, ...rest] = new Set(names);
      return first === undefined ? 'all' : [first, ...rest];
    }),
  );
}
