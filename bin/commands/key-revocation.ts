import { type Command, Option } from 'commander';
import type { Client, KeyRevocation, Revocation, Revocations } from '../../client/index.ts';
import { forTerminal, printJson } from '../output.ts';
import { assertSomebodyAnswers, confirmOrStop } from '../print/confirm.ts';
import { printSentence } from '../print/list.ts';
import type { Terminal } from '../terminal.ts';
import { type ApiOptions, addApiOptions, addWorkspaceOption, connect } from './api-options.ts';
import { parseExpiry, parsePrintable, parseSince, parseUserId } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

interface RevocationOptions extends ApiOptions {
  readonly status?: 'active' | 'disabled' | 'expired';
  readonly createdBy?: string;
  readonly externalId?: string;
  readonly scope?: string;
  readonly unusedSince?: string;
  readonly expiresBefore?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** `keys revoke`: the keys that are named, or all that meet a filter. */
export function addKeyRevocation(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('revoke')
    .description('Ends keys for good: those that are named, or all that meet every filter.')
    .argument('[id...]', 'the ids of the keys', parseIds)
    .addOption(
      new Option('--status <status>', 'keys of this status').choices(['active', 'disabled', 'expired']),
    )
    .option('--created-by <user id>', 'keys that were issued in the name of a member', parseUserId)
    .option('--external-id <id>', 'keys that have this id in your own system', parsePrintable)
    .option('--scope <name>', 'keys with this scope', parsePrintable)
    .option(
      '--unused-since <when>',
      'keys that nobody has used since a time, or for a time span such as 90d',
      parseSince,
    )
    .option(
      '--expires-before <when>',
      'keys that expire before a time, or within a time span such as 7d',
      parseExpiry,
    )
    .option('--dry-run', 'only show which keys would end')
    .option('--yes', 'do not ask');
  addApiOptions(
    addWorkspaceOption(command),
    'keys revoke key_0VbfMAmUeJitTzsO8SVy',
    'keys revoke --unused-since 90d --dry-run',
  ).action((ids: readonly string[], options: RevocationOptions) => revokeKeys(surroundings, ids, options));
}

function parseIds(id: string, before: readonly string[] = []): readonly string[] {
  return [...before, parsePrintable(id)];
}

async function revokeKeys(
  surroundings: Surroundings,
  ids: readonly string[],
  options: RevocationOptions,
): Promise<void> {
  const { terminal } = surroundings;
  const filter = filterOf(ids, options);
  if (Object.values(filter).every((value) => value === undefined))
    throw new CommandFailure(
      EXIT.usage,
      'Say which keys to end: their ids, or a filter such as --unused-since 90d.',
    );
  const { client, findWorkspace, url } = await connect(surroundings, options);
  const workspace = await findWorkspace();
  const target: Target = { terminal, client, filter: { workspace, ...filter }, json: options.json };
  if (options.dryRun) {
    await goThrough(target, 'dry_run');
    return;
  }
  if (options.yes) {
    await goThrough(target, 'revoke');
    return;
  }
  assertSomebodyAnswers(terminal);
  const found = await goThrough(target, 'preview');
  if (found.length === 0) return terminal.write(2, 'There are no such keys.\n');
  const which = found.length === 1 ? 'this key' : `these ${found.length} keys`;
  await confirmOrStop(terminal, `End ${which} of ${workspace} at ${url} for good?`, options);
  // Those that the person has agreed to, and no key that has come to meet the filter since.
  for (let from = 0; from < found.length; from += MOST_IDS)
    await goThrough(
      { ...target, filter: { ...target.filter, ids: found.slice(from, from + MOST_IDS) } },
      'revoke',
    );
}

/** The API takes no more in one call. */
const MOST_IDS = 1_000;

type Filter = Omit<KeyRevocation, 'dry_run'>;

function filterOf(ids: readonly string[], options: RevocationOptions): Filter {
  if (options.expiresBefore === 'never')
    throw new CommandFailure(EXIT.usage, '--expires-before takes a time.');
  return {
    ids: ids.length === 0 ? undefined : ids,
    status: options.status,
    created_by: options.createdBy,
    external_id: options.externalId,
    scope: options.scope,
    unused_since: options.unusedSince,
    expires_before: options.expiresBefore,
  };
}

interface Target {
  readonly terminal: Terminal;
  readonly client: Client;
  readonly filter: Filter & { readonly workspace: string };
  readonly json: true | undefined;
}

/** `preview` shows on stderr what would end, to the person who is asked next. */
type Mode = 'preview' | 'dry_run' | 'revoke';

/** A person looks at no more. */
const PREVIEWED = 20;

/**
 * Goes through the keys that meet the filter, call by call.
 * @returns the ids of the keys.
 * @throws {CommandFailure} where an id names no key, or a key could not be ended.
 */
async function goThrough({ terminal, client, filter, json }: Target, mode: Mode): Promise<readonly string[]> {
  const found: string[] = [];
  let failed = 0;
  // The client is loaded by now, and no earlier.
  const { createCursorCheck } = await import('../../client/pages.ts');
  const checkCursor = createCursorCheck();
  let cursor: string | null = null;
  const unknown: string[] = [];
  do {
    const asked: KeyRevocation = {
      ...filter,
      dry_run: mode !== 'revoke',
      ...(cursor !== null && { cursor }),
    };
    const { keys, counts, unknown_ids, next_cursor }: Revocations = await client.keys.revokeMany({
      ...asked,
      workspace: filter.workspace,
    });
    if (mode === 'preview') showSome(terminal, keys, PREVIEWED - found.length);
    else {
      for (const key of keys) {
        if (json) printJson(terminal, key);
        else printSentence(terminal, describeOutcome(key));
      }
    }
    found.push(...keys.map(({ id }) => id));
    failed += counts.failed;
    unknown.push(...unknown_ids);
    cursor = checkCursor(next_cursor);
    if (cursor !== null) terminal.write(2, `${found.length} keys so far …\n`);
  } while (cursor !== null);
  if (mode === 'preview' && found.length > PREVIEWED)
    terminal.write(2, `… and ${found.length - PREVIEWED} more\n`);
  if (mode !== 'preview' && !json && filter.ids === undefined && found.length === 0)
    terminal.write(2, 'No key meets the filter.\n');
  assertAllDone({ unknown, failed });
  return found;
}

function showSome(terminal: Terminal, keys: readonly Revocation[], most: number): void {
  for (const key of keys.slice(0, Math.max(0, most)))
    terminal.write(2, forTerminal(`${describeOutcome(key)}\n`));
}

const OUTCOMES: Readonly<Record<Revocation['outcome'], string>> = {
  would_be_revoked: 'Would revoke',
  revoked: 'Revoked',
  already_revoked: 'Was revoked before:',
  own_key_kept: 'Kept, since it makes this call:',
  failed: 'Could not revoke',
};

function describeOutcome({ id, name, start, status_before, outcome }: Revocation): string {
  const status = outcome === 'revoked' ? `which was ${status_before}` : status_before;
  return `${OUTCOMES[outcome]} ${id}${name === null ? '' : ` (${name})`}, ${status}, ${start}…`;
}

function assertAllDone({
  unknown,
  failed,
}: {
  readonly unknown: readonly string[];
  readonly failed: number;
}): void {
  if (unknown.length > 0)
    throw new CommandFailure(EXIT.not_found, `There is no such key: ${unknown.join(', ')}.`);
  if (failed > 0)
    throw new CommandFailure(
      EXIT.unavailable,
      `${failed} keys could not be ended now: run the command again.`,
    );
}
