import type { Principal } from 'keyward/middleware';
import { type Collection, listRows, putRow, type Row, readRow } from '../rows.ts';
import { type ToolDeclaration, toolNamed } from './tools.ts';

export interface CrmRecord extends Row {
  readonly object_type_slug: string;
  /** The user who looks after it; `null` for nobody. */
  readonly assigned_to: string | null;
}

/** `npm start` makes this member of `acme`. In other workspaces, `records.update` assigns records. */
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

/**
 * Tells what the role of a key's creator allows, besides the scopes. Owners and admins may do everything. A member may read
 * everything and write to the records assigned to them. The management API changes workspace settings, so they are no tool.
 */
export function mayEverCall({ role }: Principal, tool: ToolDeclaration): boolean {
  return isUnbounded(role) || tool.access === 'read' || tool.record !== undefined;
}

/** @returns the reason of a refusal as a whole sentence, or `undefined` where the call is allowed. */
export async function refusalReason(
  principal: Principal,
  name: string,
  toolArguments: unknown,
): Promise<string | undefined> {
  const { role, user, workspace } = principal;
  const tool = toolNamed(name);
  if (isUnbounded(role) || tool?.access === 'read') return undefined;
  const id = tool?.record === undefined ? undefined : textArgument(toolArguments, tool.record);
  if (id === undefined) return 'A member may only write to records, and this call names none.';
  const record = await readRecord(workspace ?? '', id);
  // A record that does not exist gets the same answer.
  if (user === null || record?.assigned_to !== user)
    return 'The record is not assigned to the creator of this key.';
  return undefined;
}

/** A missing or unknown role is limited like that of a member. */
function isUnbounded(role: Principal['role']): boolean {
  return role === 'owner' || role === 'admin';
}

export function textArgument(toolArguments: unknown, name: string): string | undefined {
  const isObject = typeof toolArguments === 'object' && toolArguments !== null;
  const value = isObject ? (toolArguments as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
