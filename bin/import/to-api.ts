import type { KeyType } from '../../core/credential/credential-type.ts';
import type { ImportResult } from '../../lambdas/management/answers/import-answers.ts';
import { MOST_ROWS } from '../../lambdas/management/keys/import-row.ts';
import { hashSecrets } from './hash-secret.ts';
import { type ImportCounts, type ImportRun, runImport } from './import-run.ts';
import type { ReadRow } from './source-row.ts';

export interface ApiImport extends Pick<ImportRun, 'report' | 'progress'> {
  /**
   * Sends one body to `POST /v1/workspaces/{workspace}/keys/import`, and reads the results from the answer.
   * @throws {Unavailable} for an answer that says to try again later.
   */
  readonly send: (body: ImportBody) => Promise<readonly ImportResult[]>;
  /** How the product's keys are hashed, for rows that have their texts. */
  readonly keyType?: KeyType | undefined;
  /** `only_tell` writes nothing. */
  readonly changes: 'make' | 'only_tell';
}

export interface ImportBody {
  readonly keys: readonly object[];
  readonly dry_run: boolean;
}

/** The API takes bodies of 64 KiB. Some of that is for what stands around the rows. */
const BATCH = { rows: MOST_ROWS, bytes: 65_000 };

/** Two calls at a time: one is under way while the other is made ready. */
const WIDTH = 2;

/** Imports keys through the management API. */
export async function importThroughApi(
  rows: AsyncIterable<ReadRow>,
  { send, keyType, changes, report, progress }: ApiImport,
): Promise<ImportCounts> {
  const importBatch = (keys: readonly object[]) => send({ keys, dry_run: changes === 'only_tell' });
  return runImport({
    rows: hashSecrets(rows, keyType),
    importBatch,
    batch: BATCH,
    width: WIDTH,
    report,
    progress,
  });
}
