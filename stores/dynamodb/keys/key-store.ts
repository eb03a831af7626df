import type { KeyStore } from '../../../core/management/key-store.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { rotateKey, updateKey } from './key-change.ts';
import { settleRecord } from './key-intent.ts';
import { issueKey } from './key-issue.ts';
import type { KeyRecord } from './key-item.ts';
import { listKeys, readRecord, withLastUse } from './key-read.ts';
import { revokeKey } from './key-revocation.ts';

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
    revoke: (revocation) => revokeKey(tables, revocation),
  };
}
