import { Contended } from '../../../core/errors/fault.ts';
import type { IssueOutcome, KeyStore, NewKey } from '../../../core/management/key-store.ts';
import { pause } from '../table/contention.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { memberSlotKey, slotKey, type Tables } from '../table/tables.ts';
import { transact } from '../table/transaction.ts';
import { findFreeSlot, randomSlot } from './active-key-slots.ts';
import { revokeKey, revokePreviousSecret, rotateKey, updateKey } from './key-change.ts';
import { settleRecord } from './key-intent.ts';
import { type KeyRecord, toApiKey } from './key-item.ts';
import { listKeys, readRecord, withLastUse } from './key-read.ts';
import { newKeyParts, newRecord } from './new-key.ts';

/** API keys on DynamoDB. */
export function dynamoKeyStore(finisher: ChangeFinisher): KeyStore {
  const { tables } = finisher;
  const present = async (record: KeyRecord | undefined) => record && (await withLastUse(tables, [record]))[0];
  return {
    issue: (key) => issueKey(tables, key),
    get: async (address) => present(await readRecord(tables, address)),
    async finishPendingChange(address) {
      const key = await present(await settleRecord(finisher, address));
      return key === undefined ? { kind: 'not_found' } : { kind: 'settled', key };
    },
    list: (query) => listKeys(tables, query),
    update: (update) => updateKey(tables, update),
    rotate: (rotation) => rotateKey(tables, rotation),
    revokePreviousSecret: (change) => revokePreviousSecret(tables, change),
    revoke: (revocation) => revokeKey(tables, revocation),
  };
}

/** The parts that no other key can have written, unless it has the same id. */
const IDENTIFIED = ['record', 'event', 'memberKey', 'externalId'] as const;

/** More than a workspace can have slots. An attempt that finds its slot taken means that another caller got it. */
const SLOT_ATTEMPTS = 60;

/**
 * Issues a key in one transaction of new items: record, secret, event, an entry and a slot among its creator's keys, and a
 * slot of the workspace where its active keys are limited.
 */
export async function issueKey(tables: Tables, key: NewKey): Promise<IssueOutcome> {
  let memberSlot = key.creator === null ? undefined : randomSlot(key.maxMemberKeys);
  for (let attempt = 1; attempt <= SLOT_ATTEMPTS; attempt += 1) {
    const slot = await findWorkspaceSlot(tables, key);
    if (slot === undefined) return { kind: 'limit_reached' };
    const record = newRecord(key, { slot, memberSlot });
    const failed = await transact(tables.client, newKeyParts(tables, key, { record, now: key.createdAt }));
    if (failed.size === 0)
      return { kind: 'issued', key: toApiKey(record, { lastUsedAt: null, previousUsedAt: null }) };
    if (failed.has('caller')) return { kind: 'caller_ended' };
    if (failed.has('request')) return { kind: 'request_taken' };
    if (failed.has('creator')) return { kind: 'creator_changed' };
    if (failed.has('workspace')) return { kind: 'workspace_changed' };
    if (IDENTIFIED.some((part) => failed.has(part)))
      throw new Error('A new key met one of the same identity.');
    if (failed.has('secret')) return { kind: 'secret_taken' };
    if (failed.has('memberSlot')) {
      memberSlot = await findMemberSlot(tables, key);
      if (memberSlot === undefined) return { kind: 'member_limit_reached' };
    }
    await pause(attempt);
  }
  throw new Contended('Too many keys are being issued at once.');
}

/** @returns `null` when any number of keys may be active; `undefined` when all slots are taken. */
async function findWorkspaceSlot(tables: Tables, key: NewKey): Promise<number | null | undefined> {
  const { workspace, maxActiveKeys: bound, createdAt: now } = key;
  if (bound === null) return null;
  return findFreeSlot(tables, (number) => slotKey(workspace, number), { bound, now });
}

async function findMemberSlot(tables: Tables, key: NewKey): Promise<number | undefined> {
  const { workspace, creator, maxMemberKeys: bound, createdAt: now } = key;
  const slots = (number: number) => memberSlotKey(workspace, creator?.userId ?? '', number);
  return findFreeSlot(tables, slots, { bound, now });
}
