import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiKey, KeyFields } from '../../../../core/credential/credential.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { keyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { expectAgreement, powerOf, storedSecretOf } from './agreement.ts';
import {
  anUpdate,
  aPreviousRevocation,
  aRevocation,
  aRotation,
  FIELDS,
  issued,
  keyStoreOf,
  NOW,
  outcomeOf,
  partition,
} from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

async function changed(outcome: Promise<{ kind: string; key?: ApiKey }>): Promise<ApiKey> {
  const { kind, key } = await outcome;
  if (key === undefined) throw new Error(`The key was not changed: ${kind}.`);
  return key;
}

/** A key with a rotation under way, so that it has two secrets that work. */
async function rotatedKey(fields: Partial<KeyFields> = {}, overlapSeconds = 600) {
  const { text: oldText, key: issuedKey } = await issued(tables, { fields: { ...FIELDS, ...fields } });
  const { text: newText, rotation } = aRotation(issuedKey, overlapSeconds);
  const key = await changed(keyStoreOf(tables).rotate(rotation));
  return { oldText, newText, key };
}

describe('an update', () => {
  test('reaches the secret before it is answered', async () => {
    const { text, key } = await issued(tables);
    const rateLimit = { limit: 5, windowSeconds: 10 };
    const fields = {
      scopes: ['read'] as const,
      expiresAt: NOW + 10,
      allowedCidrs: ['10.0.0.0/8'],
      rateLimit,
    };
    const answer = await changed(keyStoreOf(tables).update(anUpdate(key, fields)));
    expect(answer).toMatchObject({ ...fields, version: 2 });
    expect(await powerOf(tables, text)).toEqual({ ...fields, role: null, state: 'active' });
    await expectAgreement(tables, key, [text], NOW);
  });

  test('removes a setting that it sets to null', async () => {
    const rateLimit = { limit: 5, windowSeconds: 10 };
    const { text, key } = await issued(tables, {
      fields: { ...FIELDS, expiresAt: NOW + 10, allowedCidrs: ['10.0.0.0/8'], rateLimit },
      effectiveRateLimit: rateLimit,
    });
    const none = { expiresAt: null, allowedCidrs: [], rateLimit: null };
    await keyStoreOf(tables).update(anUpdate(key, none, { effectiveRateLimit: null }));
    expect(await powerOf(tables, text)).toMatchObject({ ...none, state: 'active' });
  });

  test('keeps the key’s bounds and its issuer’s limit until it sets others', async () => {
    const issuerLimit = { limit: 5, windowSeconds: 10 };
    const bounds = { enabled: { owner: false }, allowedCidrs: { operator: ['10.0.0.0/8'] } } as const;
    const { text, key } = await issued(tables, {
      fields: { ...FIELDS, issuerLimit, bounds },
      effectiveRateLimit: issuerLimit,
    });
    const { text: added, rotation } = aRotation(key, 600);
    const rotated = await changed(keyStoreOf(tables).rotate(rotation));
    const renamed = await changed(keyStoreOf(tables).update(anUpdate(rotated, { name: 'renamed' })));
    expect(renamed).toMatchObject({ name: 'renamed', issuerLimit, bounds });
    await expectAgreement(tables, key, [text, added], NOW);
    const none = { issuerLimit: null, bounds: {} };
    const freed = await changed(keyStoreOf(tables).update(anUpdate(renamed, none)));
    expect(freed).toMatchObject(none);
    expect((await keyStoreOf(tables).get(key))?.bounds).toEqual({});
    await expectAgreement(tables, key, [text, added], NOW);
  });

  test('reads a key from before there were bounds as a key without bounds', async () => {
    const { key } = await issued(tables);
    await tables.client.send(
      new UpdateItemCommand({
        TableName: tables.records,
        Key: toItem(keyKey(key.workspace, key.id)),
        UpdateExpression: 'REMOVE issuerLimit, bounds',
      }),
    );
    const old = await keyStoreOf(tables).get(key);
    expect(old).toMatchObject({ issuerLimit: null, bounds: {} });
    const bounds = { enabled: { owner: false } } as const;
    const bound = await changed(keyStoreOf(tables).update(anUpdate(old ?? key, { enabled: false, bounds })));
    expect(bound).toMatchObject({ enabled: false, bounds });
  });

  test('is not made if somebody has set a bound on the key since it was decided', async () => {
    const { key } = await issued(tables);
    const bounds = { enabled: { owner: false } } as const;
    await changed(keyStoreOf(tables).update(anUpdate(key, { enabled: false, bounds })));
    expect(await keyStoreOf(tables).update(anUpdate(key, { enabled: true, bounds: {} }))).toEqual({
      kind: 'conflict',
    });
    expect(await keyStoreOf(tables).get(key)).toMatchObject({ enabled: false, bounds });
  });

  test('reaches both secrets during a rotation, and the old secret keeps its end', async () => {
    const { oldText, newText, key } = await rotatedKey();
    await keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'], expiresAt: NOW + 10_000 }));
    expect(await powerOf(tables, oldText)).toMatchObject({ scopes: ['read'], expiresAt: NOW + 600 });
    expect(await powerOf(tables, newText)).toMatchObject({ scopes: ['read'], expiresAt: NOW + 10_000 });
    await expectAgreement(tables, key, [oldText, newText], NOW);
  });

  test('disables and enables again, effective on the very next request', async () => {
    const { text, key } = await issued(tables);
    const disabled = await changed(keyStoreOf(tables).update(anUpdate(key, { enabled: false })));
    expect(await outcomeOf(tables, text)).toBe('disabled');
    await keyStoreOf(tables).update(anUpdate(disabled, { enabled: true }));
    expect(await outcomeOf(tables, text)).toBe('allow');
  });

  test('that was decided on an older version changes nothing', async () => {
    const { text, key } = await issued(tables);
    await keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'] }));
    expect(await keyStoreOf(tables).update(anUpdate(key, { scopes: 'all' }))).toEqual({ kind: 'conflict' });
    expect((await powerOf(tables, text))?.scopes).toEqual(['read']);
    await expectAgreement(tables, key, [text], NOW);
  });

  test('of a revoked key changes nothing', async () => {
    const { text, key } = await issued(tables);
    const revoked = await keyStoreOf(tables).revoke(aRevocation(key));
    if (revoked.kind === 'not_found') throw new Error('The key is gone.');
    expect(await keyStoreOf(tables).update(anUpdate(revoked.key, { enabled: true }))).toEqual({
      kind: 'conflict',
    });
    expect(await outcomeOf(tables, text)).toBe('revoked');
  });
});

describe('a rotation', () => {
  test('lets the old secret work until the overlap ends and not after, and the new one on', async () => {
    const { oldText, newText, key } = await rotatedKey();
    const outcomes = async (now: number) => [
      await outcomeOf(tables, oldText, { now }, 'count'),
      await outcomeOf(tables, newText, { now }, 'count'),
    ];
    expect(await outcomes(NOW)).toEqual(['allow', 'allow']);
    expect(await outcomes(NOW + 599)).toEqual(['allow', 'allow']);
    expect(await outcomes(NOW + 600)).toEqual(['revoked', 'allow']);
    expect(key.start).toBe(newText.slice(0, 12));
    await expectAgreement(tables, key, [oldText, newText], NOW);
  });

  test('never lets the old secret outlive the key', async () => {
    const { oldText, newText } = await rotatedKey({ expiresAt: NOW + 100 });
    for (const text of [oldText, newText]) {
      expect(await outcomeOf(tables, text, { now: NOW + 99 })).toBe('allow');
      expect(await outcomeOf(tables, text, { now: NOW + 100 })).toBe('expired');
    }
  });

  test('ends the old secret as revoked and never as expired, also where the key has an expiry that is changed later', async () => {
    const { oldText, newText, key } = await rotatedKey({ expiresAt: NOW + 1_000 });
    const later = await changed(keyStoreOf(tables).update(anUpdate(key, { expiresAt: NOW + 2_000 })));
    const outcomes = (now: number) =>
      Promise.all([oldText, newText].map((text) => outcomeOf(tables, text, { now }, 'stamp_every_call')));
    expect(await outcomes(NOW + 600)).toEqual(['revoked', 'allow']);
    expect(await outcomes(NOW + 2_000)).toEqual(['revoked', 'expired']);
    await expectAgreement(tables, later, [oldText, newText], NOW);
  });

  test('with an overlap of 0 ends every older secret at once, whatever clock asks', async () => {
    const { oldText, newText, key } = await rotatedKey();
    const third = aRotation(key, 0);
    await changed(keyStoreOf(tables).rotate(third.rotation));
    expect(await outcomeOf(tables, oldText, { now: 1 })).toBe('revoked');
    expect(await outcomeOf(tables, newText, { now: 1 })).toBe('revoked');
    expect(await outcomeOf(tables, third.text)).toBe('allow');
    await expectAgreement(tables, key, [oldText, newText, third.text], NOW);
  });

  test('with an overlap is refused while an older one runs, changing nothing, and allowed once it has ended', async () => {
    const { oldText, newText, key } = await rotatedKey();
    const early = aRotation(key, 600, NOW + 599);
    expect(await keyStoreOf(tables).rotate(early.rotation)).toEqual({ kind: 'rotation_in_progress' });
    expect(await outcomeOf(tables, early.text)).toBe('unknown');
    expect(await outcomeOf(tables, oldText)).toBe('allow');
    const due = aRotation(key, 600, NOW + 600);
    await changed(keyStoreOf(tables).rotate(due.rotation));
    const allowed = await Promise.all(
      [oldText, newText, due.text].map((text) => outcomeOf(tables, text, { now: NOW + 601 })),
    );
    expect(allowed).toEqual(['revoked', 'allow', 'allow']);
  });

  test('decided by a fast clock also ends the secret that it believes expired, so a later revocation misses none', async () => {
    const { oldText, key } = await rotatedKey();
    await changed(keyStoreOf(tables).rotate(aRotation(key, 60, NOW + 600).rotation));
    await keyStoreOf(tables).revoke(aRevocation(key, NOW + 600));
    // Another clock is still before the old secret's end.
    expect(await outcomeOf(tables, oldText, { now: NOW + 599 })).not.toBe('allow');
  });

  test('is one of two that were decided at the same time: one wins, and no third secret lives', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { text, key } = await issued(tables);
      const [one, other] = [aRotation(key, 600), aRotation(key, 600)];
      const outcomes = await Promise.all(
        [one, other].map(({ rotation }) => keyStoreOf(tables).rotate(rotation)),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['changed', 'conflict']);
      const texts = [text, one.text, other.text];
      const verdicts = await Promise.all(texts.map((each) => outcomeOf(tables, each)));
      expect(verdicts.filter((verdict) => verdict === 'allow')).toHaveLength(2);
      await expectAgreement(tables, key, texts, NOW);
    }
  });

  test('has an older secret that is revoked before its time, for every clock and for good, while the newer one works on', async () => {
    const { oldText, newText, key } = await rotatedKey();
    const revoked = await changed(keyStoreOf(tables).revokePreviousSecret(aPreviousRevocation(key)));
    const outcomes = async (now: number) =>
      Promise.all([oldText, newText].map((text) => outcomeOf(tables, text, { now }, 'count')));
    for (const now of [1, NOW, NOW + 599]) expect(await outcomes(now)).toEqual(['revoked', 'allow']);
    await expectAgreement(tables, key, [oldText, newText], NOW);
    const updated = await changed(keyStoreOf(tables).update(anUpdate(revoked, { expiresAt: NOW + 9_000 })));
    expect(await outcomes(NOW)).toEqual(['revoked', 'allow']);
    await changed(keyStoreOf(tables).rotate(aRotation(updated, 600).rotation));
    expect(await outcomes(NOW)).toEqual(['revoked', 'allow']);
  });

  test('keeps the count of each secret its own', async () => {
    const rateLimit = { limit: 1, windowSeconds: 60 };
    const { text, key } = await issued(tables, { effectiveRateLimit: rateLimit });
    const { text: newText, rotation } = aRotation(key, 600);
    await keyStoreOf(tables).rotate(rotation);
    for (const each of [text, newText]) {
      expect(await outcomeOf(tables, each, {}, 'count')).toBe('allow');
      expect(await outcomeOf(tables, each, {}, 'count')).toBe('rate_limited');
    }
  });
});

describe('a revocation', () => {
  test('ends every secret of the key, for good', async () => {
    const { oldText, newText, key } = await rotatedKey();
    const revoked = await keyStoreOf(tables).revoke(aRevocation(key, NOW + 7));
    expect(revoked).toMatchObject({ key: { id: key.id, revokedAt: NOW + 7 } });
    for (const text of [oldText, newText]) {
      expect(await outcomeOf(tables, text, {}, 'nothing')).toBe('revoked');
      expect(await outcomeOf(tables, text, {}, 'count')).toBe('revoked');
    }
    await expectAgreement(tables, key, [oldText, newText], NOW);
  });

  test('answers a second time as the first, and writes no second event', async () => {
    const { key } = await issued(tables);
    const first = await keyStoreOf(tables).revoke(aRevocation(key, NOW + 1));
    const second = await keyStoreOf(tables).revoke(aRevocation(key, NOW + 9));
    expect(second).toEqual(first);
    const events = await partition(tables, tables.events, `WS#${key.workspace}`);
    expect(events.map(({ type }) => type)).toEqual(['key.issued', 'key.revoked']);
  });

  test('sent six times at once is answered alike each time and written down once', async () => {
    const { text, key } = await issued(tables, { maxActiveKeys: 3 });
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => keyStoreOf(tables).revoke(aRevocation(key, NOW + index))),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await expectAgreement(tables, key, [text], NOW);
  });

  test('is kept for good with its secret: an import would take the hash for that of a new key', async () => {
    const { text, key } = await issued(tables);
    await keyStoreOf(tables).revoke(aRevocation(key));
    const items = await partition(
      tables,
      tables.secrets,
      (await readRecord(tables, key))?.secrets[0]?.locator ?? '',
    );
    expect(items).toMatchObject([{ secretState: 'revoked' }]);
    expect(items[0]).not.toHaveProperty('deleteAt');
    expect(await readRecord(tables, key)).not.toHaveProperty('deleteAt');
    expect(await storedSecretOf(tables, text)).toBeDefined();
  });
});
