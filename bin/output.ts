import { fstatSync, statSync, writeSync } from 'node:fs';

/** Where a command writes. */
export interface Output {
  /**
   * Writes a text whole before it returns.
   * @param descriptor 1 for stdout, 2 for stderr.
   * @throws {Error} a sentence for the operator, where the text could not be written.
   */
  write(descriptor: 1 | 2, text: string): void;
  /** Tells whether stdout leads anywhere. Node opens the null device in its place when it is closed. */
  isSeen(): boolean;
}

/** The output of this process. Node's own streams may report a failed write later, or not at all. */
export const PROCESS_OUTPUT: Output = { write: writeWhole, isSeen: () => !isNullDevice(1) };

/** Nobody reads the output any more. A list may stop quietly. A secret or a backup is lost. */
export class OutputClosed extends Error {
  constructor() {
    super('The output could not be written: nobody reads it.');
  }
}

/** Prints what may end early without harm. */
export async function printUntilClosed(print: () => Promise<void>): Promise<void> {
  try {
    await print();
  } catch (error) {
    // Somebody has read enough, as `head` does.
    if (!(error instanceof OutputClosed)) throw error;
  }
}

/** How long to wait before writing again to a reader that is not ready. */
const PAUSE_MS = 10;

function writeWhole(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (codeOf(error) === 'EPIPE') throw new OutputClosed();
      if (codeOf(error) !== 'EAGAIN')
        throw new Error(`The output could not be written: ${messageOf(error)}.`, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Prints a line of JSON. Characters that would control a terminal are written out. */
export function printJson(output: Output, value: object): void {
  output.write(1, `${forTerminal(JSON.stringify(value))}\n`);
}

/**
 * Prints a secret, which is shown this once.
 * @param lost what to do when it could not be printed, as a sentence.
 */
export function printSecret(output: Output, value: object, lost: string): void {
  try {
    printJson(output, value);
  } catch (error) {
    throw new Error(`${messageOf(error)} ${lost}`, { cause: error });
  }
}

/** @throws {Error} before a secret is made that nobody would see. */
export function assertSecretIsSeen(output: Output): void {
  if (!output.isSeen())
    throw new Error(
      'Nobody would see the secret: stdout is closed, or is the null device. Nothing was made.',
    );
}

function isNullDevice(descriptor: number): boolean {
  try {
    const output = fstatSync(descriptor);
    return output.isCharacterDevice() && output.rdev === statSync('/dev/null').rdev;
  } catch {
    // There is no null device by that name, as on Windows. Writing to a closed output then fails.
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Control characters, line separators, and characters that turn the direction of text. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Makes a text safe for a terminal: characters that would control it are written out, as in `\u001b[2J`. */
export function forTerminal(text: string): string {
  return text.replaceAll(STEERING, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
