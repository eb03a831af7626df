import type { Command } from 'commander';
import { unixNow } from '../../lambdas/environment.ts';
import type { NotRestored } from '../../stores/dynamodb/restore/restore-refusal.ts';
import { readBackup, writeBackup } from '../backup-file.ts';
import { restoreTables } from '../operator.ts';
import { printJson } from '../output.ts';
import { pastMoment } from './arguments.ts';
import type { CommandContext } from './deployment.ts';

const NOT_RESTORED = {
  not_empty: 'The tables are not empty. Say --replace to delete what is there, but for the audit log.',
  in_the_future:
    'The backup says to be of a moment to come. Look at the time in its first line, and at the clock of this machine.',
  log_forgets:
    'The backup is older than what the audit log still tells: keys that were revoked since may work again. ' +
    'Take a newer one, or say --accept-lost-revocations and revoke what is in doubt.',
  log_lacks:
    'The audit log lacks events that the backup holds: it is another deployment’s, or it was lost or set back, and cannot ' +
    'tell of every revocation since. Restore the log first, or say --accept-lost-revocations and revoke what is in doubt.',
  unknown_retention:
    'With --tables nobody knows for how long the audit log is kept, and whether it tells of every revocation since ' +
    'the backup. Say --retention with a number of days, or forever.',
} as const satisfies Record<NotRestored, string>;

export function addBackupCommands(program: Command, { findDeployment, output }: CommandContext): void {
  program
    .command('backup')
    .description('copies the tables into a file, which holds no secret')
    .requiredOption('--to <file>', 'the file, which must not exist; - for stdout')
    .option('--at <time>', 'of which moment the tables are, where they were restored to one', pastMoment)
    .action(async ({ to, at = unixNow() }: { to: string; at?: number }) => {
      const { tables } = await findDeployment();
      const counts = await writeBackup(tables, { path: to, at, output });
      if (to === '-') output.write(2, `${JSON.stringify(counts)}\n`);
      else printJson(output, counts);
    });

  program
    .command('restore')
    .description('puts a backup back, and closes again what was closed since')
    .requiredOption('--from <file>', 'what `backup` has written; - for stdin')
    .option('--replace', 'delete the keys and workspaces that are there; the audit log stays')
    .option(
      '--accept-lost-revocations',
      'restore though the audit log may not tell of everything since: keys that were revoked may work again',
    )
    .option('--dry-run', 'only tell what would be put back, and what closed')
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
