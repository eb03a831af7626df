import { statusOf } from '../../../core/credential/api-key.ts';
import type { KeysOfRemoved } from '../../../core/management/member-store.ts';
import type { KeyRecord } from '../keys/key-item.ts';
import { issuedBefore, readEntries } from '../keys/key-read.ts';
import { queryAll } from '../table/query-pages.ts';
import { memberKeyKey, type Tables } from '../table/tables.ts';
import type { MemberItem, PendingMembership } from './member-item.ts';

/** An answer names no more keys than these; lists show them all. */
const MOST_NAMED = 1_000;

/**
 * What became of a removed member's keys, the newest of them: the same however often it is asked, and whichever process has
 * ended them.
 */
export async function describeRemoval(
  tables: Pick<Tables, 'client' | 'records'>,
  { workspace, userId, version }: MemberItem,
  removal: PendingMembership & { readonly kind: 'removal' },
): Promise<KeysOfRemoved> {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const query = { table: tables.records, pk, prefix, order: 'descending' } as const;
  const revoked: string[] = [];
  const kept: string[] = [];
  for await (const entries of queryAll(tables.client, query)) {
    for (const record of await readEntries(tables, workspace, issuedBefore(entries, version))) {
      if (record === undefined) continue;
      const fate = fateOf(record, removal);
      if (fate === 'revoked') revoked.push(record.id);
      if (fate === 'kept') kept.push(record.id);
      if (revoked.length + kept.length === MOST_NAMED) return { revoked, kept };
    }
  }
  return { revoked, kept };
}

function fateOf(
  record: KeyRecord,
  { keys, since }: PendingMembership & { readonly kind: 'removal' },
): 'revoked' | 'kept' | 'ended_before' {
  if (record.revokedAt !== null)
    return keys === 'revoke' && record.revokedAt >= since ? 'revoked' : 'ended_before';
  return statusOf(record, since) === 'expired' ? 'ended_before' : 'kept';
}
