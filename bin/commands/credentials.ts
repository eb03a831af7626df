import type { Command } from 'commander';
import { formatTimestamp } from '../../core/text/timestamp.ts';
import { unixNow } from '../../lambdas/environment.ts';
import { migrateManagementKeys } from '../../stores/dynamodb/keys/management-key-migration.ts';
import { listManagementKeys } from '../../stores/dynamodb/keys/management-key-store.ts';
import {
  bootstrap,
  issueManagementKeyAsOperator,
  revokeKeyAsOperator,
  revokeManagementKeyAsOperator,
  revokeTokenAsOperator,
} from '../operator.ts';
import { assertSecretIsSeen, printJson, printSecret } from '../output.ts';
import { parseName, parsePrintable, parseSlug, parseUserId } from './arguments.ts';
import type { CommandContext } from './deployment.ts';

export function addBootstrapCommand(program: Command, { findDeployment, output }: CommandContext): void {
  program
    .command('bootstrap')
    .description('makes the first workspace, its owner and a management key, whose secret is printed once')
    .requiredOption('--workspace <slug>', 'the workspace’s slug, which never changes', parseSlug)
    .requiredOption('--owner <user id>', 'the id of the user who owns it', parseUserId)
    .option('--workspace-name <text>', 'what the workspace is called', parseName)
    .option('--plan <plan>', 'one of the profile’s plans', parsePrintable)
    .action(async (options: { workspace: string; owner: string; workspaceName?: string; plan?: string }) => {
      const { workspace, owner, workspaceName = workspace } = options;
      assertSecretIsSeen(output);
      const { tables, plans } = await findDeployment();
      const plan = options.plan ?? plans[0] ?? null;
      if (plan !== null && !plans.includes(plan)) {
        throw new Error(`There is no plan ${plan}. The deployed profile has ${plans.join(', ') || 'none'}.`);
      }
      const made = await bootstrap(tables, { slug: workspace, name: workspaceName, plan, ownerId: owner });
      if (made === 'slug_taken') {
        throw new Error(
          `There is a workspace ${workspace} already. Use \`management-keys issue\` for another key.`,
        );
      }
      const { id, secret } = made;
      printSecret(output, { workspace, owner, management_key: secret }, lostKey(id));
    });
}

export function addManagementKeyCommands(program: Command, { findDeployment, output }: CommandContext): void {
  const managementKeys = program
    .command('management-keys')
    .description('makes, lists and revokes management keys');

  managementKeys
    .command('issue')
    .description('makes a management key, whose secret is printed once')
    .requiredOption('--key-name <text>', 'what the key is for', parseName)
    .action(async ({ keyName }: { keyName: string }) => {
      assertSecretIsSeen(output);
      const { tables } = await findDeployment();
      const { id, secret } = await issueManagementKeyAsOperator(tables, keyName);
      printSecret(output, { id, management_key: secret }, lostKey(id));
    });

  managementKeys
    .command('list')
    .description('lists management keys, a line of JSON each')
    .action(async () => {
      const { tables } = await findDeployment();
      for (const { id, name, start, createdAt, revokedAt } of await listManagementKeys(tables)) {
        const times = {
          created_at: formatTimestamp(createdAt),
          revoked_at: revokedAt && formatTimestamp(revokedAt),
        };
        printJson(output, { id, name, start, ...times });
      }
    });

  managementKeys
    .command('revoke')
    .description('revokes a management key for good')
    .argument('<id>', 'the key’s id', parsePrintable)
    .action(async (id: string) => {
      const { tables } = await findDeployment();
      if (!(await revokeManagementKeyAsOperator(tables, id)))
        throw new Error(
          `There is no management key ${id}. If it was issued before management keys had a table of their own, run ` +
            '`management-keys migrate` first.',
        );
      printJson(output, { id, revoked: true });
    });

  managementKeys
    .command('migrate')
    .description(
      'moves management keys that were issued before they had a table of their own; may be repeated',
    )
    .action(async () => {
      const { tables } = await findDeployment();
      const { moved, revoked, withoutSecret } = await migrateManagementKeys(tables, unixNow);
      printJson(output, { moved, revoked, without_secret: withoutSecret });
    });
}

/** What to do about a key whose secret was not printed, or only in part. */
function lostKey(id: string): string {
  return `The management key ${id} was made, and its secret was not printed whole: revoke it with \`keyward management-keys revoke ${id}\`, and issue another.`;
}

/** Commands that revoke a customer's credential without the management API, which may be flooded or down. */
export function addCredentialCommands(program: Command, { findDeployment, output }: CommandContext): void {
  program
    .command('keys')
    .description('revokes API keys of customers')
    .command('revoke')
    .description('revokes an API key for good; a repeated call gives the same answer')
    .argument('<id>', 'the key’s id', parsePrintable)
    .requiredOption('--workspace <slug>', 'the workspace that it belongs to', parseSlug)
    .action(async (id: string, { workspace }: { workspace: string }) => {
      const { tables } = await findDeployment();
      const key = await revokeKeyAsOperator(tables, { workspace, id });
      if (key === 'no_workspace') throw new Error(`There is no workspace ${workspace}.`);
      if (key === undefined) throw new Error(`There is no API key ${id} in the workspace ${workspace}.`);
      printJson(output, {
        id,
        workspace,
        revoked: true,
        revoked_at: key.revokedAt && formatTimestamp(key.revokedAt),
      });
    });

  program
    .command('tokens')
    .description('revokes personal access tokens of users')
    .command('revoke')
    .description('revokes a personal access token for good; a repeated call gives the same answer')
    .argument('<id>', 'the token’s id', parsePrintable)
    .requiredOption('--user <id>', 'the user that it belongs to', parseUserId)
    .action(async (id: string, { user }: { user: string }) => {
      const { tables } = await findDeployment();
      const token = await revokeTokenAsOperator(tables, { userId: user, id });
      if (token === undefined) throw new Error(`The user ${user} has no personal access token ${id}.`);
      printJson(output, {
        id,
        user,
        revoked: true,
        revoked_at: token.revokedAt && formatTimestamp(token.revokedAt),
      });
    });
}
