import { eastAsianWidth } from 'get-east-asian-width';

/** How wide terminals draw text. */

const ELLIPSIS = '…';

/** Graphemes that show nothing of their own: marks, joiners, fillers. */
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Mark}\p{Control}\p{Surrogate}]+$/u;
const EMOJI = /^\p{RGI_Emoji}$/v;

/** The columns that a text takes. Chinese, Japanese and Korean characters and emoji take two each. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text)) width += widthOfGrapheme(grapheme);
  return width;
}

/** Cuts a text to a width, with an ellipsis where it was longer. */
export function fitText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = '';
  let left = width - 1;
  for (const grapheme of graphemesOf(text)) {
    left -= widthOfGrapheme(grapheme);
    if (left < 0) break;
    taken += grapheme;
  }
  return width < 1 ? '' : `${taken}${ELLIPSIS}`;
}

/** Fills a text with blanks up to a width. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function widthOfGrapheme(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

let segmenter: Intl.Segmenter | undefined;

/** The first segmenter of a process takes some 25 ms to make, and most texts need none. */
function* graphemesOf(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}
