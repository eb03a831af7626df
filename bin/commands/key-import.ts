import type { Command } from 'commander';
import { addImportOptions, type ImportFileOptions } from '../import/import-options.ts';
import type { ImportCounts } from '../import/import-run.ts';
import { forTerminal, printJson } from '../output.ts';
import { printSentence } from '../print/list.ts';
import type { Terminal } from '../terminal.ts';
import { type ApiOptions, addApiOptions, addWorkspaceOption, connect } from './api-options.ts';
import { parsePath, parseProfileArgument } from './arguments.ts';
import { EXIT, SilentFailure } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

/** `keys import`: keys of another system come in through the API. */
export function addKeyImport(keys: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = keys
    .command('import')
    .description(
      'Imports keys of another system from a file, by their hashes. Running it again changes nothing.',
    )
    .argument('<file>', 'CSV with a header, or JSON Lines; - for stdin')
    .option('--profile <name>', 'the product, for a file that has the texts of keys', parseProfileArgument);
  const readOptions = addImportOptions(command);
  addApiOptions(
    addWorkspaceOption(command),
    'keys import keys.csv --dry-run',
    'keys import keys.csv --algorithm sha256 --encoding hex --column hash=key_hash',
  )
    .addHelpText('after', 'It needs a management key.')
    .action(async (path: string, options: ApiOptions & { profile?: string }) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const workspace = await findWorkspace();
      const { importFileThroughApi } = await import('../import/import-file.ts');
      const keyType = options.profile === undefined ? undefined : await readKeyType(options.profile);
      const counts = await importFileThroughApi(describeFile(path, readOptions(), surroundings), {
        client,
        workspace,
        keyType,
      });
      await printCounts(terminal, counts, options);
    });
}

/** The file of an import, as it was named on the command line, and where the import tells how it goes. */
export function describeFile(
  path: string,
  { report, ...options }: ImportFileOptions,
  { terminal, now }: Surroundings,
) {
  return {
    ...options,
    ...(report !== undefined && { report: parsePath(report) }),
    path: path === '-' ? path : parsePath(path),
    write: (text: string) => terminal.write(2, forTerminal(text)),
    now,
  };
}

/** @throws {SilentFailure} where rows were skipped: their reasons are on stderr or in the report. */
export async function printCounts(
  terminal: Terminal,
  counts: ImportCounts,
  { json, dryRun }: { readonly json?: true; readonly dryRun?: boolean },
): Promise<void> {
  const { describeCounts } = await import('../import/import-report.ts');
  if (json) printJson(terminal, counts);
  else
    printSentence(
      terminal,
      `${dryRun ? 'Nothing was changed. It would be: ' : ''}${describeCounts(counts)}.`,
    );
  if (counts.skipped > 0) throw new SilentFailure(EXIT.failed);
}

async function readKeyType(profileName: string) {
  const { loadProfile } = await import('../../lib/files/profile-file.ts');
  return loadProfile(profileName).profile.apiKey;
}
