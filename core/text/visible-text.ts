/** Text without control characters, Unicode's own line breaks, and characters that turn the direction of text around. */
const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u;

/**
 * A class of invisible characters. Fillers, variation selectors and the like are ignorable by default. The others named here are
 * symbols and letters that Unicode draws blank: the empty Braille pattern, the musical null notehead, two hieroglyphs, and the
 * place of an embedded object.
 */
export const INVISIBLE = String.raw`[\p{Default_Ignorable_Code_Point}\u2800\u{1D159}\u{13441}\u{13442}\uFFFC]`;

const VISIBLE = new RegExp(String.raw`(?!${INVISIBLE})[\p{L}\p{N}\p{P}\p{S}]`, 'u');

/** Tells whether terminals, logs and pages can show a text without being steered by it. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && PRINTABLE.test(text);
}

/** As {@link isPrintable}, for a text of several lines. */
export function areLinesPrintable(text: string): boolean {
  return isPrintable(text.replaceAll(/\r?\n/g, ' '));
}

/** Tells whether a text shows anything. Blanks, fillers and combining marks alone show nothing. */
export function hasSomethingVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/** How long a text may be. */
export interface TextLength {
  /** As people count them: an emoji of several code points is one. */
  readonly characters: number;
  readonly bytes: number;
}

/** Room for the longest emoji there are, and no room for thousands of marks on one letter. */
const BYTES_PER_CHARACTER = 40;

/** The bound in bytes keeps a page of a hundred audit events, each with a text before and after, below Lambda's 6 MB. */
export const NAME_LENGTH = textLength(100);
export const DESCRIPTION_LENGTH = textLength(500);

/** As many bytes as this many characters can have that are each one code point. It becomes part of a key in the store. */
export const EXTERNAL_ID_LENGTH: TextLength = { characters: 128, bytes: 512 };

function textLength(characters: number): TextLength {
  return { characters, bytes: characters * BYTES_PER_CHARACTER };
}

/** Counts characters only if it has to: the first Segmenter of a process takes some 25 ms to make. */
export function isNoLongerThan(text: string, { characters, bytes }: TextLength): boolean {
  if (Buffer.byteLength(text) > bytes) return false;
  if (text.length <= characters) return true;
  let count = 0;
  for (const _ of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    count += 1;
    if (count > characters) return false;
  }
  return true;
}

/** Tells whether a text can be the name of a key, a token, a workspace or a member. */
export function isName(text: string): boolean {
  return hasSomethingVisible(text) && isPrintable(text) && isNoLongerThan(text, NAME_LENGTH);
}

export function isDescription(text: string): boolean {
  return hasSomethingVisible(text) && areLinesPrintable(text) && isNoLongerThan(text, DESCRIPTION_LENGTH);
}

/** Tells whether a text can be the id that another system has for a key. */
export function isExternalId(text: string): boolean {
  return hasSomethingVisible(text) && isPrintable(text) && isNoLongerThan(text, EXTERNAL_ID_LENGTH);
}

/** Writes a text as one word of a shell command. */
export function quoteForShell(text: string): string {
  return /^[\w./:=@,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
