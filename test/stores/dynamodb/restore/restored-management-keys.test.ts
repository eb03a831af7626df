import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MANAGEMENT_KEY_FORMAT } from '../../../../core/credential/credential-type.ts';
import { generateKey } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { writeManagementSecret } from '../../../../stores/dynamodb/keys/management-key-store.ts';
import type { CopiedItem } from '../../../../stores/dynamodb/restore/backup.ts';
import {
  isOfManagementKey,
  restoreManagementKeys,
} from '../../../../stores/dynamodb/restore/restored-management-keys.ts';
import { type Item, managementKeyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { NOW, newId } from '../keys/keys.ts';

interface Copied {
  readonly isRevoked?: boolean;
  readonly state?: string;
}

function copiedKey({ isRevoked = false, state = 'active' }: Copied = {}) {
  const id = newId('key');
  const locator = digestOf(generateKey(MANAGEMENT_KEY_FORMAT, randomBytes));
  const shown = { id, name: 'ops', start: 'kwm_aaaa', createdAt: NOW, revokedAt: isRevoked ? NOW : null };
  const record = toItem({ ...managementKeyKey(id), ...shown, locator: locator });
  const secret: Item = {
    ...writeManagementSecret(id, { locator, secretHash: null }),
    secretState: { S: state },
  };
  return { id, record, secret };
}

const inOwnTable = (...items: Item[]): CopiedItem[] =>
  items.map((item) => ({ table: 'managementKeys', item }));

function restored(copied: readonly CopiedItem[], revokedIds: readonly string[] = []) {
  return restoreManagementKeys(copied.filter(isOfManagementKey), { revoked: new Set(revokedIds) }, NOW);
}

const statesOf = (items: readonly Item[]) =>
  items.flatMap(({ secretState }) => (secretState?.S === undefined ? [] : [secretState.S]));

test('a management key is put back in force only if its record, its secret and the log all say that it is in force', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom('active', 'disabled', 'revoked', ''),
      fc.boolean(),
      fc.boolean(),
      (isRevoked, state, isEndedSince, isOld) => {
        const { id, record, secret } = copiedKey({ isRevoked, state });
        const copied: CopiedItem[] = isOld
          ? [
              { table: 'records', item: record },
              { table: 'secrets', item: secret },
            ]
          : inOwnTable(secret, record);
        const { items, revoked, lost } = restored(copied, isEndedSince ? [id] : []);
        const isInForce = state === 'active' && !isRevoked && !isEndedSince;
        expect(statesOf(items)).toEqual([isInForce ? 'active' : 'revoked']);
        const shown = isEndedSince && !isRevoked ? { ...record, revokedAt: { N: String(NOW) } } : record;
        expect(items).toContainEqual(shown);
        expect({ revoked, lost }).toEqual({
          revoked: state === 'active' && !isInForce ? [id] : [],
          lost: [],
        });
      },
    ),
  );
});

describe('a secret without a record is not put back', () => {
  test('when it was copied before its record was written', () => {
    const { id, secret } = copiedKey();
    expect(restored(inOwnTable(secret))).toMatchObject({ items: [], lost: [id] });
  });

  test('when an attacker has written it, whatever key it names', () => {
    const { id, record, secret } = copiedKey();
    const forged = writeManagementSecret(id, { locator: digestOf('theirs'), secretHash: null });
    for (const table of ['secrets', 'managementKeys'] as const) {
      const { items } = restored([...inOwnTable(record, secret), { table, item: forged }]);
      expect(items).toEqual([record, secret]);
    }
  });

  test('when an attacker has written it among the products’ secrets, under the digest of a revoked one', () => {
    const { record, secret } = copiedKey({ state: 'revoked' });
    const forged: Item = { ...secret, secretState: { S: 'active' } };
    for (const copied of [
      [...inOwnTable(record, secret), { table: 'secrets' as const, item: forged }],
      [{ table: 'secrets' as const, item: forged }, ...inOwnTable(record, secret)],
    ])
      expect(statesOf(restored(copied).items)).toEqual(['revoked']);
  });
});

test('a record without its secret is put back, and does not count as a whole key', () => {
  const { record } = copiedKey();
  const { items, ids } = restored(inOwnTable(record));
  expect({ items, ids: [...ids] }).toEqual({ items: [record], ids: [] });
});

test('a key that was being moved during the backup is put back once, and revoked if either record says so', () => {
  for (const [before, after] of [
    [false, false],
    [true, false],
    [false, true],
  ] as const) {
    const { id, record, secret } = copiedKey();
    const as = (isRevoked: boolean): Item => ({
      ...record,
      revokedAt: isRevoked ? { N: String(NOW) } : { NULL: true },
    });
    const { items } = restored([
      { table: 'records', item: as(before) },
      { table: 'secrets', item: secret },
      ...inOwnTable(as(after), secret),
    ]);
    expect(items.filter((item) => item.id?.S === id)).toEqual([as(after)]);
    expect(statesOf(items)).toEqual([before || after ? 'revoked' : 'active']);
  }
});
