import { hasSomethingVisible, INVISIBLE, isPrintable } from '../text/visible-text.ts';

export const LONGEST_ADDRESS = 254;

/** The addresses that HTML's e-mail field takes, with at least two labels behind the `@`. */
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Writes an address as it is stored and compared: in lower case. Only ASCII is accepted. Other letters have look-alikes, and some
 * of them become ASCII in lower case, so one address could pass for another.
 * @returns `undefined` for a text that is not such an address.
 */
export function normalizeEmailAddress(presentedAddress: string): string | undefined {
  if (presentedAddress.length > LONGEST_ADDRESS || !/^[\x21-\x7e]+$/.test(presentedAddress)) return undefined;
  const address = presentedAddress.toLowerCase();
  return ADDRESS.test(address) ? address : undefined;
}

export const LONGEST_USER_ID_BYTES = 255;

/** The rule for the id of a new user. Completes "must be …". */
export const USER_ID = `1 to ${LONGEST_USER_ID_BYTES} bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end`;

/**
 * Letters, marks, digits, punctuation, symbols and the space, but no invisible characters: two ids that look the same because
 * of an invisible character cannot both exist.
 * @see "PRECIS Framework", RFC 8264, 4.3, whose FreeformClass leaves out the same
 */
const ID_CHARACTERS = new RegExp(String.raw`^(?:(?!${INVISIBLE})[\p{L}\p{M}\p{N}\p{P}\p{S} ])+$`, 'u');

/** Tells whether a text can be the id of a new user: one who becomes a member, owns a workspace or signs in. */
export function isUserId(text: string): boolean {
  return (
    Buffer.byteLength(text) <= LONGEST_USER_ID_BYTES &&
    ID_CHARACTERS.test(text) &&
    hasSomethingVisible(text) &&
    text === text.trim() &&
    text === text.normalize('NFC')
  );
}

/**
 * Tells whether a text can be looked up as a user's id. Some members are older than the rule for ids. They are listed, changed and
 * removed like all others. The store does not accept keys of any length.
 */
export function canNameUser(text: string): boolean {
  return text.trim() !== '' && text.length <= LONGEST_USER_ID_BYTES && isPrintable(text);
}

export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}
