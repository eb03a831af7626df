import { CommandFailure, EXIT } from '../commands/failure.ts';
import { forTerminal } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Asks a person before something ends for good.
 * @param question without the choices.
 * @throws {CommandFailure} where they say no, or nobody is there to ask and the command does not say `--yes`.
 */
export async function confirmOrStop(
  terminal: Terminal,
  question: string,
  { yes }: { readonly yes?: true },
): Promise<void> {
  if (yes) return;
  assertSomebodyAnswers(terminal);
  const answer = await terminal.ask(`${forTerminal(question)} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure(EXIT.failed, 'Nothing was changed.');
}

/** @throws {CommandFailure} in a script. */
export function assertSomebodyAnswers(terminal: Terminal): void {
  if (!terminal.isInteractive)
    throw new CommandFailure(EXIT.usage, 'Nobody is there to confirm it: say --yes. Nothing was changed.');
}

/**
 * Reads a secret from stdin, so that it stands in no argument, which other users of the machine can see.
 * @param question what to ask a person who types.
 * @throws {CommandFailure} where there is none.
 */
export async function readSecret(terminal: Terminal, question: string): Promise<string> {
  const text = terminal.isTyped ? await terminal.askHidden(question) : await terminal.readAll();
  const secret = text.trim();
  if (/^[\x21-\x7e]{1,4096}$/.test(secret)) return secret;
  throw new CommandFailure(
    EXIT.usage,
    secret === ''
      ? 'There is nothing on stdin: it must hold the secret.'
      : 'Stdin must hold one secret and nothing else.',
  );
}
