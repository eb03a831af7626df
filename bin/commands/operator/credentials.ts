import type { Command } from 'commander';
import { formatTimestamp } from '../../../core/text/timestamp.ts';
import { assertSecretIsSeen, printJson, printSecret } from '../../output.ts';
import { parseName, parsePrintable, parseSlug, parseUserId } from '../arguments.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { addDeploymentOptions, findDeployment } from './deployment-options.ts';
import { addOperatorKeyImport } from './key-import.ts';

/** What acts on the tables. It loads the AWS SDK, so it is loaded when a command runs. */
const loadOperator = () => import('../../operator.ts');

export function addBootstrapCommand(program: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  addDeploymentOptions(
    program
      .command('bootstrap')
      .summary('make the first workspace, its owner and a management key')
      .description('Makes the first workspace, its owner and a management key, whose secret is printed once.')
      .requiredOption('--workspace <slug>', 'the workspace’s slug, which never changes', parseSlug)
      .requiredOption('--owner <user id>', 'the id of the user who owns it', parseUserId)
      .option('--workspace-name <text>', 'what the workspace is called', parseName)
      .option('--plan <plan>', 'one of the profile’s plans', parsePrintable)
      .addHelpText('after', '\nExample:\n  keyward bootstrap --workspace acme --owner usr_1'),
  ).action(async (options: BootstrapOptions, command: Command) => {
    const { workspace, owner, workspaceName = workspace } = options;
    assertSecretIsSeen(terminal);
    const { tables, plans } = await findDeployment(command, surroundings);
    const plan = options.plan ?? plans[0] ?? null;
    if (plan !== null && !plans.includes(plan)) {
      throw new Error(`There is no plan ${plan}. The deployed profile has ${plans.join(', ') || 'none'}.`);
    }
    const { bootstrap } = await loadOperator();
    const made = await bootstrap(tables, { slug: workspace, name: workspaceName, plan, ownerId: owner });
    if (made === 'slug_taken') {
      throw new CommandFailure(
        EXIT.conflict,
        `There is a workspace ${workspace} already. Use \`management-keys issue\` for another key.`,
      );
    }
    const { id, secret } = made;
    printSecret(terminal, { workspace, owner, management_key: secret }, lostKey(id));
  });
}

interface BootstrapOptions {
  readonly workspace: string;
  readonly owner: string;
  readonly workspaceName?: string;
  readonly plan?: string;
}

export function addManagementKeyCommands(program: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const managementKeys = program
    .command('management-keys')
    .summary('issue, list and revoke management keys')
    .description('Issues, lists and revokes management keys, under AWS credentials.');

  addDeploymentOptions(
    managementKeys
      .command('issue')
      .description('Makes a management key, whose secret is printed once.')
      .requiredOption('--key-name <text>', 'what the key is for', parseName)
      .addHelpText('after', '\nExample:\n  keyward management-keys issue --key-name terraform'),
  ).action(async ({ keyName }: { keyName: string }, command: Command) => {
    assertSecretIsSeen(terminal);
    const { tables } = await findDeployment(command, surroundings);
    const { issueManagementKeyAsOperator } = await loadOperator();
    const { id, secret } = await issueManagementKeyAsOperator(tables, keyName);
    printSecret(terminal, { id, management_key: secret }, lostKey(id));
  });

  addDeploymentOptions(
    managementKeys
      .command('list')
      .description('Lists management keys, a line of JSON each.')
      .addHelpText('after', '\nExample:\n  keyward management-keys list'),
  ).action(async (_options: object, command: Command) => {
    const { tables } = await findDeployment(command, surroundings);
    const { listManagementKeys } = await loadOperator();
    for (const { id, name, start, createdAt, revokedAt } of await listManagementKeys(tables)) {
      const times = {
        created_at: formatTimestamp(createdAt),
        revoked_at: revokedAt && formatTimestamp(revokedAt),
      };
      printJson(terminal, { id, name, start, ...times });
    }
  });

  addDeploymentOptions(
    managementKeys
      .command('revoke')
      .description('Revokes a management key for good.')
      .argument('<id>', 'the key’s id', parsePrintable)
      .addHelpText('after', '\nExample:\n  keyward management-keys revoke key_0VbfMAmUeJitTzsO8SVy'),
  ).action(async (id: string, _options: object, command: Command) => {
    const { tables } = await findDeployment(command, surroundings);
    const { revokeManagementKeyAsOperator } = await loadOperator();
    if (!(await revokeManagementKeyAsOperator(tables, id)))
      throw new CommandFailure(
        EXIT.not_found,
        `There is no management key ${id}. If it was issued before management keys had a table of their own, run ` +
          '`management-keys migrate` first.',
      );
    printJson(terminal, { id, revoked: true });
  });

  addDeploymentOptions(
    managementKeys
      .command('migrate')
      .description(
        'Moves management keys that were issued before they had a table of their own; may be repeated.',
      )
      .addHelpText('after', '\nExample:\n  keyward management-keys migrate'),
  ).action(async (_options: object, command: Command) => {
    const { tables } = await findDeployment(command, surroundings);
    const { migrateManagementKeys } = await loadOperator();
    const { moved, revoked, withoutSecret } = await migrateManagementKeys(tables);
    printJson(terminal, { moved, revoked, without_secret: withoutSecret });
  });
}

/** What to do about a key whose secret was not printed, or only in part. */
function lostKey(id: string): string {
  return `The management key ${id} was made, and its secret was not printed whole: revoke it with \`keyward management-keys revoke ${id}\`, and issue another.`;
}

/** Commands that act on a customer's credentials without the management API, which may be flooded or down. */
export function addOperatorCommands(program: Command, surroundings: Surroundings): void {
  const operator = program
    .command('operator')
    .summary('end keys and tokens, and import keys, without the API')
    .description('Acts on the tables under AWS credentials, without the management API.');
  const keys = operator.command('keys').description('Ends and imports API keys of customers.');
  addKeyRevocation(keys, surroundings);
  addOperatorKeyImport(keys, surroundings);
  addTokenRevocation(
    operator.command('tokens').description('Ends personal access tokens of users.'),
    surroundings,
  );
}

function addKeyRevocation(keys: Command, surroundings: Surroundings): void {
  addDeploymentOptions(
    keys
      .command('revoke')
      .description('Revokes an API key for good; a repeated call gives the same answer.')
      .argument('<id>', 'the key’s id', parsePrintable)
      .requiredOption('--workspace <slug>', 'the workspace that it belongs to', parseSlug)
      .addHelpText(
        'after',
        '\nExample:\n  keyward operator keys revoke key_0VbfMAmUeJitTzsO8SVy --workspace acme',
      ),
  ).action(async (id: string, { workspace }: { workspace: string }, command: Command) => {
    const { tables } = await findDeployment(command, surroundings);
    const { revokeKeyAsOperator } = await loadOperator();
    const key = await revokeKeyAsOperator(tables, { workspace, id });
    if (key === 'no_workspace')
      throw new CommandFailure(EXIT.not_found, `There is no workspace ${workspace}.`);
    if (key === undefined)
      throw new CommandFailure(EXIT.not_found, `There is no API key ${id} in the workspace ${workspace}.`);
    const revoked_at = key.revokedAt && formatTimestamp(key.revokedAt);
    printJson(surroundings.terminal, { id, workspace, revoked: true, revoked_at });
  });
}

function addTokenRevocation(tokens: Command, surroundings: Surroundings): void {
  addDeploymentOptions(
    tokens
      .command('revoke')
      .description('Revokes a personal access token for good; a repeated call gives the same answer.')
      .argument('<id>', 'the token’s id', parsePrintable)
      .requiredOption('--user <id>', 'the user that it belongs to', parseUserId)
      .addHelpText(
        'after',
        '\nExample:\n  keyward operator tokens revoke pat_0VbfMAmUeJitTzsO8SVy --user usr_1',
      ),
  ).action(async (id: string, { user }: { user: string }, command: Command) => {
    const { tables } = await findDeployment(command, surroundings);
    const { revokeTokenAsOperator } = await loadOperator();
    const token = await revokeTokenAsOperator(tables, { userId: user, id });
    if (token === undefined)
      throw new CommandFailure(EXIT.not_found, `The user ${user} has no personal access token ${id}.`);
    const revoked_at = token.revokedAt && formatTimestamp(token.revokedAt);
    printJson(surroundings.terminal, { id, user, revoked: true, revoked_at });
  });
}
