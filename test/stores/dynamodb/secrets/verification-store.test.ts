import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Requirement } from '../../../../core/access/scope.ts';
import type { KeyFields } from '../../../../core/credential/credential.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { windowEndAfter } from '../../../../core/verification/verification-store.ts';
import { secretFieldsOf } from '../../../../stores/dynamodb/keys/key-item.ts';
import { alignSecret } from '../../../../stores/dynamodb/secrets/secret-change.ts';
import { writeSecret } from '../../../../stores/dynamodb/secrets/secret-item.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { powerOf, storedSecretOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aRevocation,
  FIELDS,
  issued,
  keyStoreOf,
  NOW,
  newSecret,
  outcomeOf,
  verdictOn,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const LIMIT = { limit: 20, windowSeconds: 60 };
const READ: Requirement = { requiredScope: 'read', grantedBy: ['read', 'admin'] };

/** A key with a rate limit of its own, whose calls are counted. */
async function limitedKey(fields: Partial<KeyFields> = {}, limit = LIMIT) {
  const own = { ...FIELDS, rateLimit: limit, ...fields };
  return issued(tables, { fields: own, effectiveRateLimit: limit });
}

const counted = (text: string, claim: Parameters<typeof verdictOn>[2] = {}) =>
  outcomeOf(tables, text, claim, 'count');

describe('a rate limit', () => {
  test('of 20 lets exactly 20 of 100 concurrent calls through', async () => {
    const { text } = await limitedKey();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => counted(text)));
    expect(outcomes.filter((outcome) => outcome === 'allow')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(80);
    expect((await storedSecretOf(tables, text))?.window).toEqual({ endsAt: NOW + 60, used: 20 });
  });

  test('starts anew with each window, and every window is exact', async () => {
    const { text } = await limitedKey();
    for (const now of [NOW, NOW + 60, NOW + 659]) {
      const outcomes = await Promise.all(Array.from({ length: 30 }, () => counted(text, { now })));
      expect(outcomes.filter((outcome) => outcome === 'allow')).toHaveLength(20);
      expect(await counted(text, { now: windowEndAfter(now, 60) - 1 })).toBe('rate_limited');
    }
  });

  test('tells how much is left and when the window ends', async () => {
    const { text } = await limitedKey({}, { limit: 2, windowSeconds: 60 });
    const first = await verdictOn(tables, text, { now: NOW + 10 }, 'count');
    expect(first).toMatchObject({ kind: 'allow', rate: { limit: 2, remaining: 1, resetSeconds: 50 } });
    await counted(text, { now: NOW + 59 });
    const third = await verdictOn(tables, text, { now: NOW + 59 }, 'count');
    expect(third).toMatchObject({ code: 'rate_limited', rate: { remaining: 0, resetSeconds: 1 } });
  });

  test('counts against a stored window that ends later than the own clock says', async () => {
    const { text } = await limitedKey({}, { limit: 2, windowSeconds: 60 });
    expect(await counted(text, { now: NOW + 60 })).toBe('allow');
    expect(await counted(text, { now: NOW + 59 })).toBe('allow');
    expect(await counted(text, { now: NOW + 59 })).toBe('rate_limited');
  });

  test('whose window becomes shorter is not held to the longer one that is open', async () => {
    const { text, key } = await limitedKey({}, { limit: 1, windowSeconds: 86_400 });
    expect(await counted(text)).toBe('allow');
    expect(await counted(text)).toBe('rate_limited');
    const rateLimit = { limit: 2, windowSeconds: 60 };
    await keyStoreOf(tables).update(anUpdate(key, { rateLimit }));
    expect(await Promise.all([counted(text), counted(text), counted(text)])).toEqual(
      expect.arrayContaining(['allow', 'allow', 'rate_limited']),
    );
    expect(await counted(text, { now: NOW + 60 })).toBe('allow');
  });

  test('holds at once when a key that had none is given one', async () => {
    const { text, key } = await issued(tables);
    expect(await counted(text)).toBe('allow');
    await keyStoreOf(tables).update(anUpdate(key, { rateLimit: { limit: 1, windowSeconds: 60 } }));
    expect([await counted(text), await counted(text)]).toEqual(['allow', 'rate_limited']);
  });
});

describe('a call counts nothing and stamps nothing if it is refused as', () => {
  const refused: [string, Partial<KeyFields>, Parameters<typeof verdictOn>[2]][] = [
    ['expired', { expiresAt: NOW }, {}],
    ['disabled', { enabled: false }, {}],
    ['network', { allowedCidrs: ['10.0.0.0/8'] }, { sourceAddress: '192.0.2.1' }],
    ['wrong_workspace', {}, { workspace: 'another' }],
    ['insufficient_scope', { scopes: ['write'] }, { requirement: READ }],
    ['forbidden', { scopes: 'all' }, { requirement: 'none' }],
  ];
  test.each(refused)('%s', async (code, fields, claim) => {
    // Without a limit no window has to be opened first, so that nothing but the condition keeps the call out.
    const { text } = await issued(tables, { fields: { ...FIELDS, ...fields } });
    expect(await counted(text, claim)).toBe(code);
    expect(await storedSecretOf(tables, text)).toMatchObject({ window: null, lastUsedAt: null });
  });

  test('revoked', async () => {
    const { text, key } = await issued(tables);
    await keyStoreOf(tables).revoke(aRevocation(key));
    expect(await counted(text)).toBe('revoked');
    expect(await storedSecretOf(tables, text)).toMatchObject({ window: null, lastUsedAt: null });
  });

  test('unknown, and counting creates no secret', async () => {
    const { text } = newSecret();
    expect(await counted(text)).toBe('unknown');
    expect(await storedSecretOf(tables, text)).toBeUndefined();
  });
});

describe('a counted call is allowed', () => {
  test('inside its networks, its workspace and its scopes, all at once', async () => {
    const { text, key } = await limitedKey({
      allowedCidrs: ['2001:db8::/32', '10.0.0.0/8'],
      scopes: ['admin'],
    });
    const claim = { requirement: READ, workspace: key.workspace };
    expect(await counted(text, { ...claim, sourceAddress: '10.1.2.3' })).toBe('allow');
    expect(await counted(text, { ...claim, sourceAddress: '2001:db8::7' })).toBe('allow');
    expect((await storedSecretOf(tables, text))?.window?.used).toBe(2);
  });

  test('with all scopes, whatever the action needs', async () => {
    const { text } = await limitedKey({ scopes: 'all' });
    expect(await counted(text, { requirement: READ })).toBe('allow');
  });

  test('and stamped in the same operation', async () => {
    const { text } = await limitedKey();
    await counted(text, { now: NOW + 7 });
    expect((await storedSecretOf(tables, text))?.lastUsedAt).toBe(NOW + 7);
  });
});

describe('a stamp', () => {
  test('never brings back a secret that is gone', async () => {
    const { text } = newSecret();
    await dynamoVerificationStore(tables).stamp(digestOf(text), NOW);
    expect(await storedSecretOf(tables, text)).toBeUndefined();
  });

  test('never moves time backwards', async () => {
    const { text } = await issued(tables);
    const store = dynamoVerificationStore(tables);
    for (const now of [NOW, NOW + 100, NOW + 50]) await store.stamp(digestOf(text), now);
    expect((await storedSecretOf(tables, text))?.lastUsedAt).toBe(NOW + 100);
  });

  test('is written by verification at most once a minute', async () => {
    const { text } = await issued(tables);
    const stamps = [];
    for (const now of [NOW, NOW + 59, NOW + 60]) {
      await outcomeOf(tables, text, { now }, 'stamp');
      stamps.push((await storedSecretOf(tables, text))?.lastUsedAt);
    }
    expect(stamps).toEqual([NOW, NOW, NOW + 60]);
  });
});

describe('a secret', () => {
  test('keeps both a change and a use that reach it at the same time', async () => {
    const { text } = await limitedKey();
    const locator = digestOf(text);
    const change = (version: number, scopes: KeyFields['scopes']) =>
      alignSecret(tables, {
        locator,
        version,
        fields: secretFieldsOf({ ...FIELDS, scopes }, LIMIT, null),
        count: 'keep',
      });
    await Promise.all([
      ...Array.from({ length: 10 }, () => counted(text)),
      ...Array.from({ length: 10 }, (_, index) => change(index + 2, index === 9 ? ['last'] : ['early'])),
    ]);
    expect((await powerOf(tables, text))?.scopes).toEqual(['last']);
    expect((await storedSecretOf(tables, text))?.window?.used).toBe(10);
  });

  test('without scopes, as damage would leave it, is a fault and never has all rights', async () => {
    const { text } = newSecret();
    const owner = {
      kind: 'api_key',
      credentialId: 'key_1',
      workspace: 'acme',
      user: null,
      role: null,
    } as const;
    const { scopes, ...damaged } = writeSecret(
      { locator: digestOf(text), secretHash: null },
      owner,
      secretFieldsOf(FIELDS, null, null),
      1,
    );
    expect(scopes).toBeDefined();
    await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item: damaged }));
    await expect(outcomeOf(tables, text)).rejects.toThrow('no scopes');
  });

  test('in an unknown state is refused', async () => {
    const { text } = newSecret();
    const owner = {
      kind: 'api_key',
      credentialId: 'key_1',
      workspace: 'acme',
      user: null,
      role: null,
    } as const;
    const item = writeSecret(
      { locator: digestOf(text), secretHash: null },
      owner,
      secretFieldsOf(FIELDS, null, null),
      1,
    );
    const Item = { ...item, secretState: { S: 'unheard-of' } };
    await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item }));
    expect(await outcomeOf(tables, text)).toBe('revoked');
    expect(await counted(text)).toBe('revoked');
  });
});
