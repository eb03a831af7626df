import { type Collection, listRows, putRow, type Row, readRow } from '../rows.ts';

export interface CrmRecord extends Row {
  readonly object_type_slug: string;
  /** The user who looks after it; `null` for nobody. */
  readonly assigned_to: string | null;
}

/** The member that `npm start` makes. Elsewhere `records.update` assigns. */
const LOCAL_MEMBER = 'usr_acmeMember0000000000';

const SEEDS: readonly CrmRecord[] = [
  { id: 'rec_globex', name: 'Globex', object_type_slug: 'companies', assigned_to: LOCAL_MEMBER },
  { id: 'rec_initech', name: 'Initech', object_type_slug: 'companies', assigned_to: null },
  { id: 'rec_hank', name: 'Hank Scorpio', object_type_slug: 'contacts', assigned_to: null },
];

const recordsOf = (workspace: string): Collection => ({ workspace, name: 'crm-records', seeds: SEEDS });

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
