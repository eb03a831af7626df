import { type Collection, listRows, putRow, type Row, readRow } from '../rows.ts';

export interface CrmRecord extends Row {
  readonly object_type_slug: string;
  /** The user who looks after it; `null` for nobody. */
  readonly assigned_to: string | null;
}

/** The member of `acme` that `npm start` makes. In other workspaces `records.update` assigns. */
const ASSIGNED = { workspace: 'acme', user: 'usr_acmeMember0000000000' };

const SEEDS: readonly CrmRecord[] = [
  { id: 'rec_globex', name: 'Globex', object_type_slug: 'companies', assigned_to: ASSIGNED.user },
  { id: 'rec_initech', name: 'Initech', object_type_slug: 'companies', assigned_to: null },
  { id: 'rec_hank', name: 'Hank Scorpio', object_type_slug: 'contacts', assigned_to: null },
];

function recordsOf(workspace: string): Collection {
  const isAssigned = workspace === ASSIGNED.workspace;
  const seeds = isAssigned ? SEEDS : SEEDS.map((seed) => ({ ...seed, assigned_to: null }));
  return { workspace, name: 'crm-records', seeds };
}

export async function listRecords(workspace: string, objectTypeSlug: string | null): Promise<CrmRecord[]> {
  const records = (await listRows(recordsOf(workspace))) as CrmRecord[];
  return records.filter((record) => objectTypeSlug === null || record.object_type_slug === objectTypeSlug);
}

export async function readRecord(workspace: string, id: string): Promise<CrmRecord | undefined> {
  return (await readRow(recordsOf(workspace), id)) as CrmRecord | undefined;
}

export async function putRecord(workspace: string, record: CrmRecord): Promise<CrmRecord> {
  await putRow(recordsOf(workspace), record);
  return record;
}
