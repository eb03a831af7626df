import type { KeyStore } from '../../../core/management/key-store.ts';
import { revokeKey, rotateKey, updateKey } from './key-change.ts';
import { issueKey } from './key-issue.ts';
import { listKeys, readRecord, withLastUse } from './key-read.ts';
import { type Finisher, settledRecord } from './key-settle.ts';

/** API keys on DynamoDB. */
export function dynamoKeyStore(finisher: Finisher): KeyStore {
  const { tables } = finisher;
  const present = async (record: Awaited<ReturnType<typeof readRecord>>) =>
    record && (await withLastUse(tables, [record]))[0];
  return {
    issue: (key) => issueKey(tables, key),
    get: async (address) => present(await readRecord(tables, address)),
    settled: async (address) => present(await settledRecord(finisher, address)),
    list: (query) => listKeys(tables, query),
    update: (update) => updateKey(tables, update),
    rotate: (rotation) => rotateKey(tables, rotation),
    revoke: (revocation) => revokeKey(tables, revocation),
  };
}
