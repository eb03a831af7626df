import type { Command } from 'commander';
import { formatTimestamp } from '../../core/text/timestamp.ts';
import { endKey, endToken } from '../operator.ts';
import { printJson } from '../output.ts';
import { printable, slug, userId } from './arguments.ts';
import type { FindDeployment } from './deployment.ts';

/** Commands that end a customer's credential without the management API, which may be flooded or down. */
export function addCredentialCommands(program: Command, findDeployment: FindDeployment): void {
  program
    .command('keys')
    .description('revokes API keys of customers')
    .command('revoke')
    .description('ends an API key for good; the same answer the second time')
    .argument('<id>', 'the key’s id', printable)
    .requiredOption('--workspace <slug>', 'the workspace that it belongs to', slug)
    .action(async (id: string, { workspace }: { workspace: string }) => {
      const { tables } = await findDeployment();
      const key = await endKey(tables, { workspace, id });
      if (key === 'no_workspace') throw new Error(`There is no workspace ${workspace}.`);
      if (key === undefined) throw new Error(`There is no API key ${id} in the workspace ${workspace}.`);
      printJson({
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
    .description('ends a personal access token for good; the same answer the second time')
    .argument('<id>', 'the token’s id', printable)
    .requiredOption('--user <id>', 'the user that it belongs to', userId)
    .action(async (id: string, { user }: { user: string }) => {
      const { tables } = await findDeployment();
      const token = await endToken(tables, { userId: user, id });
      if (token === undefined) throw new Error(`The user ${user} has no personal access token ${id}.`);
      printJson({ id, user, revoked: true, revoked_at: token.revokedAt && formatTimestamp(token.revokedAt) });
    });
}
