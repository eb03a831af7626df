import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { expect } from '@jest/globals';
import type { Scopes } from '../../../../core/access/scope.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import type { KeyAddress } from '../../../../core/management/key-store.ts';
import type { StoredSecret } from '../../../../core/verification/verification-store.ts';
import { heldSlots } from '../../../../stores/dynamodb/keys/active-key-slots.ts';
import { earlier, type KeyRecord, type SecretReference } from '../../../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { readSecret } from '../../../../stores/dynamodb/secrets/secret-item.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { keyKey, type Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { partition } from './keys.ts';

/** What a verification would find under a presented text. */
export async function storedSecretOf({ client, secrets }: Tables, text: string) {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: secrets,
      Key: toItem(secretKey(digestOf(text))),
      ConsistentRead: true,
    }),
  );
  return Item && readSecret(Item);
}

/** The part of a secret that has to agree with its key, in an order that does not depend on the store. */
export async function powerOf(tables: Tables, text: string) {
  const secret = await storedSecretOf(tables, text);
  if (secret === undefined) return undefined;
  return shownPower(secret);
}

export function shownPower({ principal, state, expiresAt, replacedAt, rateLimit }: StoredSecret) {
  const { role, scopes, constraints } = principal;
  return {
    role,
    state,
    scopes: sorted(scopes),
    expiresAt,
    replacedAt,
    allowedCidrs: [...constraints.allowedCidrs].sort(),
    rateLimit,
  };
}

export function sorted(scopes: Scopes): Scopes | string[] {
  return scopes === 'all' ? 'all' : [...scopes].sort();
}

/**
 * Asserts that all that is stored about one key agrees and that nothing is under way: record, secrets, slot, events.
 * @param texts every secret that was ever generated for the key, also those that nobody was told.
 * @param quietChanges how often the key was changed with its member or its plan, whose own event tells of all their keys.
 * @returns the record.
 */
export async function expectAgreement(
  tables: Tables,
  address: KeyAddress,
  texts: readonly string[],
  now: number,
  quietChanges = 0,
): Promise<KeyRecord> {
  const record = await readRecord(tables, address);
  if (record === undefined) throw new Error('There is no such key.');
  expect(record.pendingChange).toBeNull();
  expect(record).not.toHaveProperty('pending');
  expect(record).not.toHaveProperty('pendingSince');
  for (const text of texts) await expectSecretAgrees(tables, record, text, now);
  await expectSlotsAgree(tables, record);
  const { pk } = keyKey(address.workspace, address.id);
  const events = (await partition(tables, tables.events, pk)).filter(({ keyId }) => keyId === address.id);
  // Each change of its own writes one event and makes the key one version older.
  expect(events).toHaveLength(record.version - quietChanges);
  return record;
}

async function expectSecretAgrees(tables: Tables, record: KeyRecord, text: string, now: number) {
  const secret = await storedSecretOf(tables, text);
  const power = secret && shownPower(secret);
  const listed = record.secrets.find(({ locator }) => locator === digestOf(text));
  if (power === undefined) {
    expect(listed).toBeUndefined();
    return;
  }
  if (record.revokedAt !== null && listed !== undefined) {
    expect(power.state).toBe('revoked');
    return;
  }
  if (listed === undefined) {
    // A secret that its key does not know cannot be reached by a revocation any more, so it must be dead.
    expect(power.state === 'revoked' || (power.expiresAt ?? Number.POSITIVE_INFINITY) <= now).toBe(true);
    return;
  }
  expect(power).toEqual(agreedPower(record, listed));
  expect(secret?.principal.constraints.ownLimit).toEqual(ownLimitOf(record));
}

/** What a secret that its key lists has to say while the key is not revoked. */
export function agreedPower(record: KeyRecord, { endsAt }: SecretReference) {
  return {
    role: record.role,
    state: record.enabled ? 'active' : 'disabled',
    scopes: sorted(record.scopes),
    expiresAt: earlier(record.expiresAt, endsAt),
    replacedAt: endsAt ?? undefined,
    allowedCidrs: [...record.allowedCidrs].sort(),
    rateLimit: record.effectiveRateLimit,
  };
}

async function expectSlotsAgree({ client, records }: Tables, record: KeyRecord) {
  expect(heldSlots(record)).toHaveLength(Number(record.slot !== null) + Number(record.createdBy !== null));
  for (const key of heldSlots(record)) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: records, Key: toItem(key), ConsistentRead: true }),
    );
    const slot = Item && unmarshall(Item);
    if (record.revokedAt !== null) expect(slot?.keyId).not.toBe(record.id);
    else expect(slot).toMatchObject({ keyId: record.id, expiresAt: record.expiresAt });
  }
}

/** What the key's own limit is, and hands on to what it issues. */
function ownLimitOf({ rateLimit, issuerLimit, effectiveRateLimit }: KeyRecord) {
  if (effectiveRateLimit === null) return undefined;
  if (rateLimit !== null) return { from: 'operator', ...effectiveRateLimit };
  return issuerLimit === null ? undefined : { from: 'issuer', ...issuerLimit };
}
