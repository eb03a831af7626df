import { type Command, Option } from 'commander';
import type { Client, KeywardError } from '../../client/index.ts';
import { assertSecretIsSeen, forTerminal, printJson } from '../output.ts';
import { confirmOrStop } from '../print/confirm.ts';
import { timeTextOf, tokenColumns } from '../print/credential-text.ts';
import { printList, printSentence } from '../print/list.ts';
import { printIssued } from '../print/secret.ts';
import { type ApiOptions, addApiOptions, addListOptions, connect, type ListOptions } from './api-options.ts';
import {
  expiryForApi,
  parseExpiry,
  parseName,
  parsePrintable,
  parseUserId,
  parseWords,
} from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { addNote } from './help-words.ts';
import { ROLES, type Role } from './role-argument.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Asks the API about the tokens of a user.
 * @throws {CommandFailure} where the product has none. Its API then has no route for them, but it knows who calls. Also where a key
 * asks for tokens of its own.
 */
async function askForTokens<Answer>(
  client: Client,
  { user }: OfUser,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.status === 403 && user === undefined)
      throw new CommandFailure(EXIT.failed, `${error.detail} With a management key, say whose: --user.`, {
        cause: error,
      });
    const { isUnknownRoute } = await import('./fault.ts');
    if (!isUnknownRoute(error.detail)) throw error;
    await client.caller();
    throw new CommandFailure(EXIT.not_found, 'This product has no personal access tokens.', { cause: error });
  }
}

function isRefusal(error: unknown): error is KeywardError {
  return error instanceof Error && error.name === 'KeywardError';
}

/** Whose tokens a command is about: a user's, for a management key; without it, those of the person who calls. */
interface OfUser {
  readonly user?: string;
}

export function addTokenCommands(program: Command, surroundings: Surroundings): void {
  const tokens = program
    .command('tokens')
    .helpCommand(false)
    .summary('issue, list and revoke personal access tokens')
    .description('Issues, lists and revokes personal access tokens, where the product has them.');
  addIssue(tokens, surroundings);
  addList(tokens, surroundings);
  addRevoke(tokens, surroundings);
}

function addUserOption(command: Command): Command {
  return command.option(
    '--user <id>',
    'whose token it is, instead of your own; only with a management key',
    parseUserId,
  );
}

interface IssueOptions extends ApiOptions, OfUser {
  readonly name: string;
  readonly scope?: readonly string[];
  readonly allScopes?: true;
  readonly role?: Role;
  readonly onlyIn?: readonly string[];
  readonly expires?: string;
}

const SCOPES = 'Each product has scopes of its own, such as read: `keyward scopes` lists them.';

function addIssue(tokens: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = tokens
    .command('issue')
    .description('Issues a token, and prints its secret this once, alone on stdout.')
    .requiredOption('--name <text>', 'what the token is for', parseName)
    .option('--scope <names>', 'what it may do; several with commas, or the option again', parseWords)
    .option('--all-scopes', 'it may do everything, where the product allows that')
    .addOption(new Option('--role <role>', 'the highest role that it acts with').choices(ROLES))
    .option('--only-in <slugs>', 'the only workspaces that it works in', parseWords)
    .option('--expires <when>', 'a time span such as 30d, a time, or never', parseExpiry);
  addNote(
    addApiOptions(
      addUserOption(command),
      'tokens issue --user usr_acmeOwner00000000000 --name laptop --scope read > token.txt',
      'tokens issue --name laptop --scope read --expires 90d',
    ),
    SCOPES,
  ).action(async (options: IssueOptions) => {
    assertSecretIsSeen(terminal);
    const { client } = await connect(surroundings, options);
    const { user, name, scope, allScopes, role, onlyIn, expires } = options;
    const fields = {
      name,
      scopes: allScopes ? [] : scope,
      role,
      workspaces: onlyIn,
      expires_at: expiryForApi(expires),
    };
    const answer = await askForTokens(client, options, () =>
      user === undefined ? client.tokens.issue(fields) : client.tokens.issueFor({ user_id: user, ...fields }),
    );
    const { id } = answer.token;
    const lost = `The token ${id} was issued, and its secret is lost: revoke it, and issue another.`;
    printIssued(terminal, { answer, sentence: forTerminal(`Issued the token ${id}.`), lost }, options);
  });
}

function addList(tokens: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const command = addUserOption(tokens.command('list').description('Lists tokens, newest first.'));
  addApiOptions(
    addListOptions(command),
    'tokens list --user usr_acmeOwner00000000000',
    'tokens list --json',
  ).action(async (options: ListOptions & OfUser) => {
    const { client } = await connect(surroundings, options);
    const { user } = options;
    await printList(
      {
        noun: 'tokens',
        columns: tokenColumns(timeTextOf(options, now())),
        readPage: async (page) => {
          const { tokens: items, next_cursor } = await askForTokens(client, options, () =>
            user === undefined ? client.tokens.list(page) : client.tokens.listFor({ user_id: user, ...page }),
          );
          return { items, next: next_cursor };
        },
      },
      options,
      terminal,
    );
  });
}

function addRevoke(tokens: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = tokens
    .command('revoke')
    .description('Ends a token for good; ending it again changes nothing.')
    .argument('<id>', 'the token’s id', parsePrintable)
    .option('--yes', 'do not ask');
  addApiOptions(addUserOption(command), 'tokens revoke pat_0VbfMAmUeJitTzsO8SVy').action(
    async (id: string, options: ApiOptions & OfUser & { yes?: true }) => {
      const { client, url } = await connect(surroundings, options);
      await confirmOrStop(terminal, `End the token ${id} at ${url} for good?`, options);
      const { user } = options;
      const token = await askForTokens(client, options, () =>
        user === undefined
          ? client.tokens.revoke({ token: id })
          : client.tokens.revokeFor({ user_id: user, token: id }),
      );
      if (options.json) printJson(terminal, token);
      else printSentence(terminal, `Revoked the token ${id}.`);
    },
  );
}
