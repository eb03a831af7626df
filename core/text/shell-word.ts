/** A text as one word of a line that can be pasted into a shell. */
export function quoteForShell(text: string): string {
  return /^[\w./:=@,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
