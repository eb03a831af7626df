import type { Principal } from 'keyward/middleware';
import { readRecord } from './records.ts';
import { type ToolDeclaration, toolNamed } from './tools.ts';

/**
 * What the role of a key's creator lets it do, beyond its scopes: owners and admins everything, a member reads everything
 * and writes to the records assigned to them. Workspace settings are no tool: they are changed in the management API.
 */
export function mayEverCall({ role }: Principal, tool: ToolDeclaration): boolean {
  return isUnbounded(role) || tool.access === 'read' || tool.record !== undefined;
}

/** @returns why the call is refused, as a whole sentence; `undefined` when it is not. */
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
  // The same for a record that does not exist.
  if (user === null || record?.assigned_to !== user)
    return 'The record is not assigned to the creator of this key.';
  return undefined;
}

/** A role that is missing, or that came later, is bounded like a member's. */
function isUnbounded(role: Principal['role']): boolean {
  return role === 'owner' || role === 'admin';
}

export function textArgument(toolArguments: unknown, name: string): string | undefined {
  const isObject = typeof toolArguments === 'object' && toolArguments !== null;
  const value = isObject ? (toolArguments as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
