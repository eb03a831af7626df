import { hasSomethingVisible, INVISIBLE, isPrintable } from '../text/visible-text.ts';

const LONGEST_ADDRESS = 254;

/** The addresses that HTML's e-mail field takes, with at least two labels behind the `@`. */
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * An address as it is stored and compared: without regard to case. ASCII only: other letters have look-alikes, and some of them
 * become ASCII when they are lowered, so that one address could be taken for another.
 * @returns undefined for what is no such address.
 */
export function normalizeEmailAddress(presentedAddress: string): string | undefined {
  if (presentedAddress.length > LONGEST_ADDRESS || !/^[\x21-\x7e]+$/.test(presentedAddress)) return undefined;
  const address = presentedAddress.toLowerCase();
  return ADDRESS.test(address) ? address : undefined;
}

const LONGEST_USER_ID_BYTES = 255;

/** What is expected of the id of a user who becomes known. Completes "must be …". */
export const USER_ID = `1 to ${LONGEST_USER_ID_BYTES} bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end`;

/**
 * Letters, marks, digits, punctuation, symbols and the space; neither what Unicode ignores by default nor what it draws blank.
 * With that, two ids that look the same because of an invisible character cannot both exist.
 * @see "PRECIS Framework", RFC 8264, 4.3, whose FreeformClass leaves out the same
 */
const ID_CHARACTERS = new RegExp(String.raw`^(?:(?!${INVISIBLE})[\p{L}\p{M}\p{N}\p{P}\p{S} ])+$`, 'u');

/** Whether a text can be the id of a user who becomes a member, owns a workspace, is named in a request or signs in. */
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
 * Whether a text can be looked up as a user's id. Members may have come before there was a rule for ids: they are listed,
 * changed and removed like all others. The store does not take a text of any length for a key.
 */
export function canNameUser(text: string): boolean {
  return text.trim() !== '' && text.length <= LONGEST_USER_ID_BYTES && isPrintable(text);
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}
