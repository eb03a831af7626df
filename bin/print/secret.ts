import { printJson } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/** A credential that was just made. Nobody can see its secret again. */
export interface Issued {
  /** The answer of the API, for programs. */
  readonly answer: { readonly secret: string };
  /** What was made, in a sentence for people. */
  readonly sentence: string;
  /** What to do when the secret could not be printed, in a sentence. */
  readonly lost: string;
}

/** What secrets are made of. Nothing of it steers a terminal. */
const SECRET = /^[\x21-\x7e]+$/;

/**
 * Prints a secret alone on stdout, so that a file or another command can take it. The words go to stderr.
 * @throws {Error} with what to do, where it could not be printed whole.
 */
export function printIssued(
  terminal: Terminal,
  { answer, sentence, lost }: Issued,
  { json }: { readonly json?: true },
): void {
  try {
    if (!SECRET.test(answer.secret)) throw new Error('The answer holds something that is no secret.');
    if (json) printJson(terminal, answer);
    else {
      terminal.write(2, `${sentence} This is the only time that its secret is shown:\n`);
      terminal.write(1, `${answer.secret}\n`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason} ${lost}`, { cause: error });
  }
}
