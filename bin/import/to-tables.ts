import type { Profile } from '../../core/profile/profile.ts';

import { unixNow } from '../../lambdas/environment.ts';
import { importRows } from '../../lambdas/management/keys/import-rows.ts';
import { dynamoKeyImportStore } from '../../stores/dynamodb/keys/key-import.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';
import { finisherOf, operatorEvent } from '../operator.ts';
import { hashSecrets } from './hash-secret.ts';
import { type ImportCounts, type ImportRun, runImport } from './import-run.ts';
import type { ReadRow } from './source-row.ts';

export interface TableImport extends Pick<ImportRun, 'report' | 'progress'> {
  readonly tables: OperatorTables;
  readonly profile: Profile;
  /** The slug of the workspace that the keys will belong to. */
  readonly workspace: string;
  /** How many active keys of a workspace a member may have, as the deployment says. */
  readonly maxKeysPerMember: number;
  /** `only_tell` writes nothing. */
  readonly changes: 'make' | 'only_tell';
}

/** Enough to fill many transactions: batches that run at once may want the same slots. Few enough to see progress. */
const BATCH = { rows: 1_000, bytes: 10_000_000 };
/** One batch is read while another is written. */
const WIDTH = 2;

/**
 * Imports keys straight to the tables, under the operator's AWS credentials. The bounds are those of the management API.
 * @throws {Error} a sentence, where there is no such workspace.
 */
export async function importToTables(
  rows: AsyncIterable<ReadRow>,
  options: TableImport,
): Promise<ImportCounts> {
  const { tables, profile, changes, maxKeysPerMember, report, progress } = options;
  const workspaces = dynamoWorkspaceStore(finisherOf(tables), []);
  const imports = dynamoKeyImportStore(tables);
  const workspace = await workspaces.get(options.workspace);
  if (workspace === undefined) throw new Error(`There is no workspace ${options.workspace}.`);
  const importBatch = (batch: readonly object[]) =>
    importRows(
      { profile, workspaces, imports, maxKeysPerMember },
      {
        workspace,
        rows: batch,
        changes,
        now: unixNow(),
        newEvent: ({ type, ...subject }) => operatorEvent(type, subject),
      },
    );
  const hashed = hashSecrets(rows, profile.apiKey);
  return runImport({ rows: hashed, importBatch, batch: BATCH, width: WIDTH, report, progress });
}
