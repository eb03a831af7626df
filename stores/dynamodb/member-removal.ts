import { statusOf } from '../../core/api-key.ts';
import type { KeysOfRemoved } from '../../core/member-store.ts';
import { readItems } from './batch-read.ts';
import { type KeyRecord, readKey } from './key-item.ts';
import { memberKeyIdOf } from './key-read.ts';
import type { MemberItem, PendingMembership } from './member-item.ts';
import { queryAll } from './query-pages.ts';
import { keyKey, memberKeyKey, type Tables } from './tables.ts';

/** An answer names no more keys than these; lists show them all. */
const MOST_NAMED = 1_000;

/**
 * What became of a removed member's keys, the newest of them: the same however often it is asked, and whichever process has
 * ended them.
 */
export async function describeRemoval(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  { workspace, userId, version }: MemberItem,
  removal: PendingMembership & { readonly kind: 'removal' },
): Promise<KeysOfRemoved> {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const revoked: string[] = [];
  const kept: string[] = [];
  for await (const entries of queryAll(client, { table: records, pk, prefix, order: 'descending' })) {
    const ids = entries.filter(({ memberVersion }) => Number(memberVersion?.N) < version).map(memberKeyIdOf);
    const keys = ids.map((id) => keyKey(workspace, id));
    const found = (await readItems(client, { table: records, keys })).map(readKey);
    const byId = new Map(found.map((record) => [record.id, record]));
    for (const id of ids) {
      const fate = fateOf(byId.get(id), removal);
      if (fate === 'revoked') revoked.push(id);
      if (fate === 'kept') kept.push(id);
      if (revoked.length + kept.length === MOST_NAMED) return { revoked, kept };
    }
  }
  return { revoked, kept };
}

function fateOf(
  record: KeyRecord | undefined,
  { keys, since }: PendingMembership & { readonly kind: 'removal' },
): 'revoked' | 'kept' | 'ended_before' {
  if (record === undefined) return 'ended_before';
  if (record.revokedAt !== null)
    return keys === 'revoke' && record.revokedAt >= since ? 'revoked' : 'ended_before';
  return statusOf(record, since) === 'expired' ? 'ended_before' : 'kept';
}
