import { readFileSync } from 'node:fs';
import type { PlacedMistake } from './json-text.ts';

export interface UnreadableFile {
  readonly kind: 'unreadable';
  readonly isMissing: boolean;
  readonly sentence: string;
  readonly cause: unknown;
}

/** The text of a file, the reason why it cannot be read, or that it is no text. */
export type ReadFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly [PlacedMistake] }
  | UnreadableFile;

export function readTextFile(path: string): ReadFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    return explainUnreadable(path, cause as NodeJS.ErrnoException);
  }
  const text = decodeText(bytes);
  if (text !== undefined) return { kind: 'text', text };
  return { kind: 'mistakes', mistakes: [{ line: 1, column: 1, sentence: 'The file is not UTF-8.' }] };
}

/** The first mistake in a file, and where it stands. */
export function describeFirst(
  [{ line, column, sentence }]: readonly [PlacedMistake, ...unknown[]],
  path: string,
) {
  return `${sentence} See line ${line}, column ${column} of ${path}.`;
}

function explainUnreadable(path: string, cause: NodeJS.ErrnoException): UnreadableFile {
  const { code } = cause;
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  return { kind: 'unreadable', isMissing, sentence: sentenceFor(path, code, isMissing), cause };
}

function sentenceFor(path: string, code: string | undefined, isMissing: boolean): string {
  if (isMissing) return `There is no file ${path}.`;
  if (code === 'EISDIR') return `${path} is a folder, not a file.`;
  if (code === 'EACCES' || code === 'EPERM') return `You may not read the file ${path}.`;
  return `The file ${path} cannot be read (${code}).`;
}

/** @returns `undefined` for bytes that are not UTF-8. UTF-16 without a byte order mark has a NUL among its first characters. */
function decodeText(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.slice(0, 4).includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
