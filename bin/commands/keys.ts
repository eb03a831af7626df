import { type Command, Option } from 'commander';
import { assertSecretIsSeen, forTerminal, printJson } from '../output.ts';
import { keyColumns, keyFields, timeTextOf } from '../print/credential-text.ts';
import { printFields, printList, printSentence } from '../print/list.ts';
import { printIssued } from '../print/secret.ts';
import {
  type ApiOptions,
  addApiOptions,
  addListOptions,
  addTimeOption,
  addWorkspaceOption,
  connect,
  type ListOptions,
  type TimeOptions,
} from './api-options.ts';
import {
  expiryForApi,
  parseExpiry,
  parseName,
  parsePrintable,
  parseRateLimit,
  parseUserId,
  parseWords,
  type RateLimitChoice,
} from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { addNote } from './help-words.ts';
import { addKeyImport } from './key-import.ts';
import { addKeyRevocation } from './key-revocation.ts';
import { addKeyRotation, addKeyVerification, addPreviousSecretRevocation } from './key-secrets.ts';
import type { Surroundings } from './surroundings.ts';

export function addKeyCommands(program: Command, surroundings: Surroundings): void {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .summary('issue, list, change, rotate, revoke, verify and import API keys')
    .description(
      'Issues, lists, changes, rotates, revokes, verifies and imports the API keys of a workspace.',
    );
  for (const add of [
    addIssue,
    addList,
    addShow,
    addUpdate,
    addKeyRotation,
    addPreviousSecretRevocation,
    addKeyRevocation,
    addKeyVerification,
    addKeyImport,
  ])
    add(keys, surroundings);
}

/** The settings of a key that a command names. What it does not name stays as it is. */
interface KeySettings {
  readonly name?: string;
  readonly description?: string;
  /** False for none. */
  readonly externalId?: string | false;
  readonly scope?: readonly string[];
  readonly allScopes?: true;
  readonly expires?: string;
  readonly network?: readonly string[];
  readonly everyNetwork?: true;
  readonly rateLimit?: RateLimitChoice;
}

interface KeyListOptions extends ListOptions {
  readonly status?: 'active';
  readonly externalId?: string;
  readonly createdBy?: string;
}

function addSettings(command: Command): Command {
  return command
    .option('--name <text>', 'what the key is for', parseName)
    .option('--description <text>', 'more about it; "" for none')
    .option('--external-id <id>', 'the id of the key in your own system', parsePrintable)
    .option('--scope <names>', 'what it may do; several with commas, or the option again', parseWords)
    .option('--all-scopes', 'it may do everything, where the product allows that')
    .option('--expires <when>', 'a time span such as 30d, a time, or never', parseExpiry)
    .option('--network <cidrs>', 'the only networks that it works from', parseWords)
    .option('--rate-limit <calls>', 'calls in a time span, such as 100/60s, or plan', parseRateLimit);
}

function settingsOf(options: KeySettings) {
  const { name, description, externalId, scope, allScopes, expires, network, everyNetwork, rateLimit } =
    options;
  assertOne([scope, allScopes], '--scope and --all-scopes');
  assertOne([network, everyNetwork], '--network and --every-network');
  return {
    name,
    description,
    external_id: externalId === false ? null : externalId,
    scopes: allScopes ? [] : scope,
    expires_at: expiryForApi(expires),
    allowed_cidrs: everyNetwork ? [] : network,
    rate_limit: rateLimit === 'plan' ? null : rateLimit,
  };
}

function assertOne(given: readonly unknown[], names: string): void {
  if (given.filter((each) => each !== undefined).length < 2) return;
  throw new CommandFailure(EXIT.usage, `${names} exclude each other: leave one out.`);
}

const SCOPES =
  'Each product has scopes of its own, such as read:all in the standard one: `keyward scopes` lists them.';

function addIssue(keys: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = keys
    .command('issue')
    .description('Issues a key, and prints its secret this once, alone on stdout.')
    .option(
      '--created-by <user id>',
      'the member in whose name it is issued; a management key needs it in products where keys have a maker',
      parseUserId,
    );
  addNote(
    addApiOptions(
      addWorkspaceOption(addSettings(command)),
      'keys issue --created-by usr_acmeOwner00000000000 --name ci --scope read:all > key.txt',
      'keys issue --created-by usr_acmeOwner00000000000 --name ci --scope read:all --expires 90d',
    ),
    SCOPES,
  ).action(async (options: KeySettings & ApiOptions & { createdBy?: string }) => {
    assertSecretIsSeen(terminal);
    const { client, findWorkspace } = await connect(surroundings, options);
    const workspace = await findWorkspace();
    const answer = await client.keys.issue({
      workspace,
      created_by: options.createdBy,
      ...settingsOf(options),
    });
    const { id } = answer.key;
    printIssued(
      terminal,
      {
        answer,
        sentence: forTerminal(`Issued the key ${id} in ${workspace}.`),
        lost: `The key ${id} was issued, and its secret is lost: revoke it with \`keyward keys revoke ${id}\`, and issue another.`,
      },
      options,
    );
  });
}

function addList(keys: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const command = keys
    .command('list')
    .description('Lists keys, newest first.')
    .addOption(
      new Option('--status <status>', 'only keys of this status').choices([
        'active',
        'disabled',
        'expired',
        'revoked',
      ]),
    )
    .option('--external-id <id>', 'only keys that have this id in your own system', parsePrintable)
    .option('--created-by <user>', 'only keys that were issued in the name of this user', parsePrintable);
  addApiOptions(
    addWorkspaceOption(addListOptions(command)),
    'keys list --status active',
    'keys list --all --json',
  ).action(async (options: KeyListOptions) => {
    const { client, findWorkspace } = await connect(surroundings, options);
    const workspace = await findWorkspace();
    const { status, externalId: external_id, createdBy: created_by } = options;
    await printList(
      {
        noun: 'keys',
        columns: keyColumns(timeTextOf(options, now())),
        readPage: async (page) => {
          const { keys: items, next_cursor } = await client.keys.list({
            workspace,
            status,
            external_id,
            created_by,
            ...page,
          });
          return { items, next: next_cursor };
        },
      },
      options,
      terminal,
    );
  });
}

function addShow(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('show')
    .description('Shows a key, without its secret.')
    .argument('<id>', 'the key’s id', parsePrintable);
  addApiOptions(addWorkspaceOption(addTimeOption(command)), 'keys show key_0VbfMAmUeJitTzsO8SVy').action(
    async (id: string, options: ApiOptions & TimeOptions) => {
      const { terminal, now } = surroundings;
      const { client, findWorkspace } = await connect(surroundings, options);
      const key = await client.keys.get({ workspace: await findWorkspace(), key: id });
      if (options.json) printJson(terminal, key);
      else printFields(terminal, keyFields(key, timeTextOf(options, now())));
    },
  );
}

function addUpdate(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('update')
    .description('Changes the settings of a key; what is not named stays.')
    .argument('<id>', 'the key’s id', parsePrintable)
    .option('--no-external-id', 'it has no id in your own system any more')
    .option('--every-network', 'it works from everywhere')
    .option('--enable', 'let it work again')
    .option('--disable', 'let it not work until it is enabled again');
  addApiOptions(
    addWorkspaceOption(addSettings(command)),
    'keys update key_0VbfMAmUeJitTzsO8SVy --expires 30d',
    'keys update key_0VbfMAmUeJitTzsO8SVy --disable',
  ).action(async (id: string, options: KeySettings & ApiOptions & { enable?: true; disable?: true }) => {
    const { terminal } = surroundings;
    assertOne([options.enable, options.disable], '--enable and --disable');
    const enabled = options.enable ?? (options.disable === undefined ? undefined : false);
    const change = { ...settingsOf(options), enabled };
    if (Object.values(change).every((value) => value === undefined))
      throw new CommandFailure(EXIT.usage, 'Say what to change: `keyward keys update --help` lists it.');
    const { client, findWorkspace } = await connect(surroundings, options);
    const key = await client.keys.update({ workspace: await findWorkspace(), key: id, ...change });
    if (options.json) printJson(terminal, key);
    else printSentence(terminal, `Changed the key ${key.id}, which is ${key.status}.`);
  });
}
