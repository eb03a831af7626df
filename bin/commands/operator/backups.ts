import type { Command } from 'commander';
import type { NotRestored } from '../../../stores/dynamodb/restore/restore-refusal.ts';
import { printJson } from '../../output.ts';
import { parsePastMoment } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { addDeploymentOptions, findDeployment } from './deployment-options.ts';

export function addBackupCommand(program: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  addDeploymentOptions(
    program
      .command('backup')
      .summary('copy the tables into a file')
      .description('Copies the tables into a file, which holds no secret.')
      .requiredOption('--to <file>', 'the file, which must not exist; - for stdout')
      .option('--at <time>', 'the moment that the tables show, if they were restored to one', parsePastMoment)
      .addHelpText('after', '\nExample:\n  keyward backup --to backup.jsonl'),
  ).action(async (options: { to: string; at?: number }, command: Command) => {
    const { to, at = Math.floor(now() / 1000) } = options;
    const { tables } = await findDeployment(command, surroundings);
    const { writeBackup } = await import('../../backup-file.ts');
    const counts = await writeBackup(tables, { path: to, at, output: terminal });
    if (to === '-') terminal.write(2, `${JSON.stringify(counts)}\n`);
    else printJson(terminal, counts);
  });
}

export function addRestoreCommand(program: Command, surroundings: Surroundings): void {
  addDeploymentOptions(
    program
      .command('restore')
      .summary('put a backup back, and revoke again what was revoked since')
      .description('Puts a backup back, and revokes again what was revoked since.')
      .requiredOption('--from <file>', 'the file that `backup` wrote; - for stdin')
      .option('--replace', 'delete the keys and workspaces that are there; the audit log stays')
      .option(
        '--accept-lost-revocations',
        'restore although the audit log may lack events: keys that were revoked may work again',
      )
      .option('--dry-run', 'only tell what would be put back, and what would be revoked')
      .addHelpText('after', '\nExample:\n  keyward restore --from backup.jsonl --dry-run'),
  ).action(async (options: RestoreFlags, command: Command) => {
    const { from, replace, acceptLostRevocations, dryRun } = options;
    const { readBackup } = await import('../../backup-file.ts');
    const backup = await readBackup(from);
    const { tables } = await findDeployment(command, surroundings);
    const { restoreTables } = await import('../../operator.ts');
    const outcome = await restoreTables(tables, {
      backup,
      present: replace ? 'replace' : 'none',
      forgotten: acceptLostRevocations ? 'accept' : 'refuse',
      changes: dryRun ? 'only_tell' : 'make',
    });
    if (typeof outcome === 'string') throw new Error(NOT_RESTORED[outcome]);
    printJson(surroundings.terminal, outcome);
  });
}

interface RestoreFlags {
  readonly from: string;
  readonly replace?: boolean;
  readonly acceptLostRevocations?: boolean;
  readonly dryRun?: boolean;
}

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
