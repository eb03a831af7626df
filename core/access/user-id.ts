import { hasSomethingVisible, INVISIBLE, isPrintable } from '../text/visible-text.ts';

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
