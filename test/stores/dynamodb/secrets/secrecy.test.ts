import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_KEY_FORMAT } from '../../../../core/credential/credential-type.ts';
import { generateKey, startOf } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { issueManagementKey } from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { mortalProcess } from '../faults.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  dump,
  FORMAT,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newEvent,
  newId,
  outcomeOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

/** Lives through everything that touches secrets. @returns every secret there ever was. */
async function livedThrough(): Promise<string[]> {
  const store = keyStoreOf(tables);
  const { text, key } = await issued(tables, {
    maxActiveKeys: 3,
    effectiveRateLimit: { limit: 1, windowSeconds: 60 },
  });
  await outcomeOf(tables, text, {}, 'count');
  await outcomeOf(tables, text, {}, 'count');
  const overlapping = aRotation(key, 600);
  await store.rotate(overlapping.rotation);
  const current = await store.get(key);
  if (current === undefined) throw new Error('The key is gone.');
  await store.update(anUpdate(current, { name: 'renamed' }));
  const renamed = await store.get(key);
  const abandoned = aRotation(renamed ?? current, 0);
  const mortal = mortalProcess(tables);
  mortal.live({ at: 4, moment: 'before' });
  await keyStoreOf(mortal.tables)
    .rotate(abandoned.rotation)
    .catch(() => undefined);
  await sweepPendingChanges(finisherAt(tables, NOW + 100));
  await store.revoke(aRevocation(key));
  const managementText = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const start = startOf(MANAGEMENT_KEY_FORMAT, managementText);
  const managementKey = { id: newId('key'), name: 'ops', start, createdAt: NOW, revokedAt: null };
  const event = newEvent('management_key.issued', 'OPERATOR', managementKey.id);
  await issueManagementKey(
    tables,
    managementKey,
    { locator: digestOf(managementText), start, secretHash: null },
    event,
  );
  return [text, overlapping.text, abandoned.text, managementText];
}

test('no table ever holds a secret, nor more of its random part than may be shown', async () => {
  const texts = await livedThrough();
  const dumps = await Promise.all(
    [tables.records, tables.secrets, tables.events, tables.managementKeys].map((name) => dump(tables, name)),
  );
  for (const items of dumps) expect(items.length).toBeGreaterThan(0);
  const everything = JSON.stringify(dumps);
  for (const text of texts) {
    const prefix = text.startsWith(FORMAT.prefix) ? FORMAT.prefix : MANAGEMENT_KEY_FORMAT.prefix;
    const random = text.slice(prefix.length);
    // The search would find it: what may be shown is there, as is the locator.
    expect(everything).toContain(digestOf(text));
    expect(everything).not.toContain(text.slice(0, prefix.length + 5));
    for (let start = 0; start + 8 <= random.length; start += 1) {
      expect(everything).not.toContain(random.slice(start, start + 8));
    }
  }
});
