export const LONGEST_USER_ID_BYTES = 255;

/** Whether a text can be a user's id: others are nobody's, and the store does not take a text of any length for a key. */
export function fitsUserId(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= LONGEST_USER_ID_BYTES;
}
