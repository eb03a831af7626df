import type { Client } from '../../client/client.ts';
import { KeywardError } from '../../client/keyward-error.ts';
import type { KeyType } from '../../core/credential/credential-type.ts';
import { Unavailable } from '../../core/errors/fault.ts';
import type { ImportFileOptions } from './import-options.ts';
import { tellImport } from './import-report.ts';
import type { ImportCounts, ImportRun } from './import-run.ts';
import { readRows } from './row-reader.ts';
import type { ReadRow } from './source-row.ts';
import { type ImportBody, importThroughApi } from './to-api.ts';
import { importToTables, type TableImport } from './to-tables.ts';
import { countUncheckedShapes, describeUncheckedShapes } from './unchecked-shape.ts';

/** A file of keys, and where the import tells how it goes. */
export interface ImportFile extends ImportFileOptions {
  /** `-` for stdin. */
  readonly path: string;
  /** Writes on stderr. */
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** The work of `keyward operator keys import FILE`. */
export function importFileToTables(
  file: ImportFile,
  target: Pick<TableImport, 'tables' | 'profile' | 'workspace' | 'maxKeysPerMember'>,
): Promise<ImportCounts> {
  return importFile({ ...file, keyType: target.profile.apiKey }, (rows, options) =>
    importToTables(rows, { ...target, ...options }),
  );
}

interface ApiTarget {
  readonly client: { readonly keys: Pick<Client['keys'], 'import'> };
  readonly workspace: string;
  /** How the product's keys are hashed, for a file that has their texts. */
  readonly keyType?: KeyType | undefined;
}

/** The work of `keyward keys import FILE`. */
export function importFileThroughApi(
  file: ImportFile,
  { client, workspace, keyType }: ApiTarget,
): Promise<ImportCounts> {
  const send = async (body: ImportBody) => {
    try {
      // The API checks each row and tells what is wrong with it.
      const unchecked = body as unknown as Omit<Parameters<typeof client.keys.import>[0], 'workspace'>;
      return (await client.keys.import({ ...unchecked, workspace })).results;
    } catch (error) {
      const passes = error instanceof KeywardError && isPassingStatus(error.status);
      throw passes ? new Unavailable('The API cannot answer now.', { cause: error }) : error;
    }
  };
  return importFile({ ...file, keyType }, (rows, options) =>
    importThroughApi(rows, { send, keyType, ...options }),
  );
}

/** @param status `null` where there was no answer. */
function isPassingStatus(status: number | null): boolean {
  return status === null || status === 429 || status >= 500;
}

type Options = Pick<ImportRun, 'report' | 'progress'> & Pick<TableImport, 'changes'>;

async function importFile(
  {
    path,
    choices,
    format,
    dryRun,
    report: reportPath,
    write,
    now,
    keyType,
  }: ImportFile & Pick<ApiTarget, 'keyType'>,
  work: (rows: AsyncGenerator<ReadRow>, options: Options) => Promise<ImportCounts>,
): Promise<ImportCounts> {
  const unchecked = countUncheckedShapes(readRows(path, choices, format));
  const { report, progress, tellReasons, close } = tellImport({ write, now, dryRun, reportPath });
  let counts: ImportCounts;
  try {
    counts = await work(unchecked.rows, { report, progress, changes: dryRun ? 'only_tell' : 'make' });
  } finally {
    tellReasons();
    close();
  }
  if (counts.imported > 0 && unchecked.count() > 0)
    write(`${describeUncheckedShapes(unchecked.count(), keyType)}\n`);
  return counts;
}
