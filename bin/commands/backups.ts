import type { Command } from 'commander';
import { unixNow } from '../../lambdas/environment.ts';
import type { NotRestored } from '../../stores/dynamodb/restore/restore-refusal.ts';
import { readBackup, writeBackup } from '../backup-file.ts';
import { restoreTables } from '../operator.ts';
import { printJson } from '../output.ts';
import { parsePastMoment } from './arguments.ts';
import type { CommandContext } from './deployment.ts';

const NOT_RESTORED = {
  not_empty: 'The tables are not empty. Say --replace to delete what is there, except for the audit log.',
  in_the_future:
    'The time of the backup is in the future. Look at the time in its first line, and at the clock of this machine.',
  log_forgets:
    'The backup is older than the oldest event of the audit log: keys that were revoked since may work again. ' +
    'Take a newer one, or say --accept-lost-revocations and revoke what is in doubt.',
  log_lacks:
    'The audit log lacks events that the backup holds: it belongs to another deployment, or it was lost or set back. It ' +
    'may lack revocations since the backup. Restore the log first, or say --accept-lost-revocations and revoke what is in doubt.',
  unknown_retention:
    'With --tables, Keyward does not know for how long the audit log is kept, and whether it holds every revocation since ' +
    'the backup. Say --retention with a number of days, or forever.',
} as const satisfies Record<NotRestored, string>;

export function addBackupCommands(program: Command, { findDeployment, output }: CommandContext): void {
  program
    .command('backup')
    .description('copies the tables into a file, which holds no secret')
    .requiredOption('--to <file>', 'the file, which must not exist; - for stdout')
    .option('--at <time>', 'the moment that the tables show, if they were restored to one', parsePastMoment)
    .action(async ({ to, at = unixNow() }: { to: string; at?: number }) => {
      const { tables } = await findDeployment();
      const counts = await writeBackup(tables, { path: to, at, output });
      if (to === '-') output.write(2, `${JSON.stringify(counts)}\n`);
      else printJson(output, counts);
    });

  program
    .command('restore')
    .description('puts a backup back, and revokes again what was revoked since')
    .requiredOption('--from <file>', 'the file that `backup` wrote; - for stdin')
    .option('--replace', 'delete the keys and workspaces that are there; the audit log stays')
    .option(
      '--accept-lost-revocations',
      'restore although the audit log may lack events: keys that were revoked may work again',
    )
    .option('--dry-run', 'only tell what would be put back, and what would be revoked')
    .action(async ({ from, replace, acceptLostRevocations, dryRun }: RestoreFlags) => {
      const backup = await readBackup(from);
      const { tables } = await findDeployment();
      const outcome = await restoreTables(tables, {
        backup,
        present: replace ? 'replace' : 'none',
        forgotten: acceptLostRevocations ? 'accept' : 'refuse',
        changes: dryRun ? 'only_tell' : 'make',
      });
      if (typeof outcome === 'string') throw new Error(NOT_RESTORED[outcome]);
      printJson(output, outcome);
    });
}

interface RestoreFlags {
  readonly from: string;
  readonly replace?: boolean;
  readonly acceptLostRevocations?: boolean;
  readonly dryRun?: boolean;
}
