import { type Command, InvalidArgumentError } from 'commander';
import { addImportOptions } from '../../import/import-options.ts';
import { parseProfileArgument, parseSlug } from '../arguments.ts';
import { describeFile, printCounts } from '../key-import.ts';
import type { Surroundings } from '../surroundings.ts';
import { addDeploymentOptions, findDeployment } from './deployment-options.ts';

interface OperatorImportOptions {
  readonly workspace: string;
  readonly profile?: string;
  readonly keysPerMember?: number;
  readonly json?: true;
}

/** `operator keys import`: as `keys import`, straight to the tables. */
export function addOperatorKeyImport(keys: Command, surroundings: Surroundings): void {
  const command = keys
    .command('import')
    .description(
      'Imports keys of another system from a file, straight to the tables. Running it again changes nothing.',
    )
    .argument('<file>', 'CSV with a header, or JSON Lines; - for stdin')
    .requiredOption('--workspace <slug>', 'the workspace that the keys will belong to', parseSlug)
    .option('--profile <name>', 'the product, if not the one that keyward.json names', parseProfileArgument)
    .option('--keys-per-member <number>', 'the setting keys_per_member, if not as in keyward.json', parseMost)
    .option('--json', 'print the counts as JSON');
  const readOptions = addImportOptions(command);
  addDeploymentOptions(
    command.addHelpText(
      'after',
      '\nExample:\n  keyward operator keys import keys.csv --workspace acme --report skipped.jsonl',
    ),
  ).action(async (path: string, options: OperatorImportOptions, called: Command) => {
    const { tables } = await findDeployment(called, surroundings);
    const [{ importFileToTables }, { readImportTarget }] = await Promise.all([
      import('../../import/import-file.ts'),
      import('../../import/import-target.ts'),
    ]);
    const { workspace, keysPerMember, profile } = options;
    const target = readImportTarget(profile, keysPerMember);
    const file = describeFile(path, readOptions(), surroundings);
    await printCounts(
      surroundings.terminal,
      await importFileToTables(file, { tables, workspace, ...target }),
      options,
    );
  });
}

function parseMost(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
