import { fstatSync, statSync, writeSync } from 'node:fs';

/** How long a reader that is not ready is left alone. Milliseconds. */
const PAUSE_MS = 10;

/**
 * Writes a text whole before it returns. Node's own streams may tell later, or nobody, that it was not written.
 * @param descriptor 1 for stdout, 2 for stderr.
 * @throws {Error} a sentence for the operator, when it could not be written.
 */
export function write(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!isNotReady(error))
        throw new Error(`The output could not be written: ${messageOf(error)}.`, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Prints a line of JSON, in which nothing steers a terminal. */
export function printJson(value: object): void {
  write(1, `${forTerminal(JSON.stringify(value))}\n`);
}

/**
 * Prints what is shown this once.
 * @param lost what to do when it could not be printed, as a sentence.
 */
export function printSecret(value: object, lost: string): void {
  try {
    printJson(value);
  } catch (error) {
    throw new Error(`${messageOf(error)} ${lost}`, { cause: error });
  }
}

/**
 * Node opens the null device in place of a stdout that is closed, so that nothing written there ever fails.
 * @throws {Error} where nobody would see a secret, before one is made.
 */
export function assertSecretIsSeen(): void {
  if (isNullDevice(1))
    throw new Error(
      'Nobody would see the secret: stdout is closed, or is the null device. Nothing was made.',
    );
}

function isNullDevice(descriptor: number): boolean {
  try {
    const output = fstatSync(descriptor);
    return output.isCharacterDevice() && output.rdev === statSync('/dev/null').rdev;
  } catch {
    // No null device by that name, as on Windows; a closed output fails when it is written to.
    return false;
  }
}

function isNotReady(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Control characters but for line breaks and tabs, and what breaks lines or turns text around besides them. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A text as it may be shown in a terminal: what would steer it is written out, as in `\u001b[2J`. */
export function forTerminal(text: string): string {
  return text.replaceAll(STEERING, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
