import { type Command, InvalidArgumentError } from 'commander';
import { assertSecretIsSeen, forTerminal, printJson } from '../output.ts';
import { readSecret } from '../print/confirm.ts';
import { printSentence } from '../print/list.ts';
import { printIssued } from '../print/secret.ts';
import { type ApiOptions, addApiOptions, addWorkspaceOption, connect } from './api-options.ts';
import { parseDuration, parsePrintable } from './arguments.ts';
import { EXIT, SilentFailure } from './failure.ts';
import { addNote } from './help-words.ts';
import type { Surroundings } from './surroundings.ts';

/** The commands that make or check secrets of keys. */

export function addKeyRotation(keys: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = keys
    .command('rotate')
    .description('Gives a key a new secret, and prints it this once, alone on stdout.')
    .argument('<id>', 'the key’s id', parsePrintable)
    .requiredOption(
      '--overlap <time span>',
      'how long the older secret works on, such as 24h, up to 7d; 0 ends every older one at once',
      parseOverlap,
    );
  addApiOptions(
    addWorkspaceOption(command),
    'keys rotate key_0VbfMAmUeJitTzsO8SVy --overlap 24h > key.txt',
  ).action(async (id: string, options: ApiOptions & { overlap: number }) => {
    assertSecretIsSeen(terminal);
    const { client, findWorkspace } = await connect(surroundings, options);
    const workspace = await findWorkspace();
    const answer = await client.keys.rotate({ workspace, key: id, overlap_seconds: options.overlap });
    const { id: rotated } = answer.key;
    printIssued(
      terminal,
      {
        answer,
        sentence: forTerminal(`Rotated the key ${rotated}.`),
        lost: `The key ${rotated} was rotated, and its new secret is lost: rotate it again.`,
      },
      options,
    );
  });
}

export function addPreviousSecretRevocation(keys: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = keys
    .command('revoke-previous-secret')
    .description('Ends the older secret of a rotated key at once; the newer one works on.')
    .argument('<id>', 'the key’s id', parsePrintable);
  addApiOptions(addWorkspaceOption(command), 'keys revoke-previous-secret key_0VbfMAmUeJitTzsO8SVy').action(
    async (id: string, options: ApiOptions) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const key = await client.keys.revokePreviousSecret({ workspace: await findWorkspace(), key: id });
      if (options.json) printJson(terminal, key);
      else printSentence(terminal, `The key ${key.id} has no older secret that works.`);
    },
  );
}

/** The bound is the API's own, which counts in seconds. */
function parseOverlap(text: string): number {
  const seconds = parseDuration(text);
  if (seconds <= LONGEST_OVERLAP_SECONDS) return seconds;
  throw new InvalidArgumentError('It must be a time span of at most 7d, such as 24h.');
}

const LONGEST_OVERLAP_SECONDS = 604_800;

export function addKeyVerification(keys: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = keys
    .command('verify')
    .description('Says whether a credential works, and what for; exit code 1 where it does not.')
    .option('--action <route>', 'also check a call of the product, such as "GET /users"', parsePrintable);
  addNote(
    addApiOptions(
      addWorkspaceOption(command),
      'keys verify < key.txt',
      'keys verify --action "GET /users" < key.txt',
    ),
    'It needs a management key. The credential to verify is read from stdin.',
  ).action(async (options: ApiOptions & { action?: string }) => {
    const { client } = await connect(surroundings, options);
    const credential = await readSecret(terminal, 'Credential to verify: ');
    const { workspace, action } = options;
    const verdict = await client.keys.verify({ credential, workspace, action });
    if (options.json) printJson(terminal, verdict);
    else if (verdict.valid) {
      const { credential_id, workspace: of, user, scopes } = verdict.principal;
      const where = [of === null ? '' : ` of ${of}`, user === null ? '' : ` for ${user}`].join('');
      printSentence(terminal, `Valid: ${credential_id}${where}, scopes: ${scopes.join(', ') || 'all'}.`);
    } else printSentence(terminal, `Not valid: ${verdict.message} (${verdict.code})`);
    if (!verdict.valid) throw new SilentFailure(EXIT.failed);
  });
}
