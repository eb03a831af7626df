/** Line breaks of Unicode's own, and what turns the direction of text around, besides control characters. */
const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u;

/** Whether a text can be shown in terminals, logs and pages without steering them. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && PRINTABLE.test(text);
}
