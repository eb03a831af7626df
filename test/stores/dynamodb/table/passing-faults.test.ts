import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../core/credential/secret.ts';
import { Throttled, Unavailable } from '../../../../core/errors/fault.ts';
import type { Allowance } from '../../../../core/verification/verdict.ts';
import type { CountConditions } from '../../../../core/verification/verification-store.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { failingTables } from '../faults.ts';
import { expectAgreement, storedSecretOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  outcomeOf,
  verdictOn,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const ALWAYS = Number.POSITIVE_INFINITY;

describe('a finished change is reported as done though DynamoDB fails to show it whole', () => {
  const withoutUses = () =>
    failingTables(tables, { command: /^BatchGetItem/, name: 'InternalServerError', times: ALWAYS });

  test('if it is an update, which then shows the last use that was known', async () => {
    const { text, key } = await issued(tables);
    const { tables: unread, failed } = withoutUses();
    const decidedOn = { ...key, lastUsedAt: NOW - 5 };
    const outcome = await keyStoreOf(unread).update(anUpdate(decidedOn, { name: 'renamed' }));
    expect(failed).toHaveLength(1);
    expect(outcome).toMatchObject({
      kind: 'changed',
      key: { name: 'renamed', version: 2, lastUsedAt: NOW - 5 },
    });
    await expectAgreement(tables, key, [text], NOW);
  });

  test.each([0, 600])('a rotation with an overlap of %i, whose new secret works', async (overlapSeconds) => {
    const { text, key } = await issued(tables);
    const { text: newText, rotation } = aRotation(key, overlapSeconds);
    const { tables: unread, failed } = withoutUses();
    expect(await keyStoreOf(unread).rotate(rotation)).toMatchObject({ kind: 'changed', key: { version: 2 } });
    expect(failed).toHaveLength(1);
    expect(await outcomeOf(tables, newText)).toBe('allow');
    expect(await outcomeOf(tables, text)).toBe(overlapSeconds === 0 ? 'revoked' : 'allow');
    await expectAgreement(tables, key, [text, newText], NOW);
  });

  test('if it is a revocation, the first time and the second', async () => {
    const { text, key } = await issued(tables);
    for (const now of [NOW, NOW + 9]) {
      const { tables: unread, failed } = withoutUses();
      const revoked = await keyStoreOf(unread).revoke(aRevocation(key, now));
      expect(revoked).toMatchObject({ key: { id: key.id, revokedAt: NOW } });
      expect(failed).toHaveLength(1);
    }
    expect(await outcomeOf(tables, text)).toBe('revoked');
    await expectAgreement(tables, key, [text], NOW);
  });

  test('but reading such a key is an error that says so', async () => {
    const { key } = await issued(tables);
    await expect(keyStoreOf(withoutUses().tables).get(key)).rejects.toBeInstanceOf(Unavailable);
  });
});

const THROTTLINGS = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'];

describe.each(THROTTLINGS)('a write that DynamoDB answers with %s', (name) => {
  const throttled = (command: RegExp) => failingTables(tables, { command, name, times: 2 });

  test.each([/^UpdateItem/, /^TransactWriteItems/])(
    'is done if its third attempt passes: %s',
    async (command) => {
      const { text, key } = await issued(tables, { maxActiveKeys: 3 });
      const update = throttled(command);
      const updating = keyStoreOf(update.tables).update(anUpdate(key, { scopes: ['read'] }));
      expect(await updating).toMatchObject({ kind: 'changed', key: { scopes: ['read'] } });
      const revocation = throttled(command);
      expect(await keyStoreOf(revocation.tables).revoke(aRevocation(key))).toMatchObject({
        key: { revokedAt: NOW },
      });
      for (const { failed } of [update, revocation]) expect(failed).toHaveLength(2);
      expect(await outcomeOf(tables, text)).toBe('revoked');
      await expectAgreement(tables, key, [text], NOW);
    },
  );

  test('is tried again also when it frees the slot of a revoked key', async () => {
    const { key } = await issued(tables, { maxActiveKeys: 1 });
    const { tables: busy, failed } = throttled(/^DeleteItem/);
    expect(await keyStoreOf(busy).revoke(aRevocation(key))).toMatchObject({ key: { revokedAt: NOW } });
    expect(failed).toHaveLength(2);
    const next = newKey({ workspace: key.workspace, maxActiveKeys: 1 });
    expect(await keyStoreOf(tables).issue(next.key)).toMatchObject({ kind: 'issued' });
  });
});

describe.each(['AccessDeniedException', 'ProvisionedThroughputExceededException', 'TimeoutError'])(
  'a use that cannot be noted for %s',
  (name) => {
    const unnoted = () => failingTables(tables, { command: /^UpdateItem/, name, times: ALWAYS });

    test('lets the key in after a read, and the verdict says that and why', async () => {
      const { text } = await issued(tables);
      const verdict = await verdictOn(unnoted().tables, text, {}, 'stamp');
      expect(verdict).toMatchObject({ kind: 'allow', degraded: 'stamp' });
      const { degradedBy } = verdict as Allowance;
      expect([degradedBy, (degradedBy as Error).cause]).toContainEqual(expect.objectContaining({ name }));
      expect(await verdictOn(tables, text, {}, 'stamp')).not.toHaveProperty('degraded');
    });
  },
);

const LIMIT = { limit: 2, windowSeconds: 60 };

describe('a secret that is used more often than it can be counted', () => {
  const uncounted = (name: string) =>
    failingTables(tables, { command: /^UpdateItem/, name, times: ALWAYS }).tables;
  const conditions = (text: string): CountConditions => ({
    kind: 'api_key',
    locator: digestOf(text),
    now: NOW,
    scopes: 'any',
    allowedCidrs: [],
    window: 'current',
  });

  test.each(THROTTLINGS)('is throttled, with the cause kept, and not counted: %s', async (name) => {
    const { text } = await issued(tables, { effectiveRateLimit: LIMIT });
    const counting = dynamoVerificationStore(uncounted(name)).count(conditions(text));
    const failure: unknown = await counting.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Throttled);
    expect(failure).toMatchObject({ cause: { name } });
    expect((await storedSecretOf(tables, text))?.window).toBeNull();
  });

  test.each(THROTTLINGS)('is sent once, so that no pause holds what other keys need: %s', async (name) => {
    const { text } = await issued(tables, { effectiveRateLimit: LIMIT });
    const { tables: throttling, failed } = failingTables(tables, {
      command: /^UpdateItem/,
      name,
      times: ALWAYS,
      where: 'behind the retries',
    });
    expect(await outcomeOf(throttling, text, {}, 'count')).toBe('allow');
    expect(failed).toHaveLength(1);
  });

  test.each(THROTTLINGS)('is verified by a read, and only its limit gives way: %s', async (name) => {
    const { text, key } = await issued(tables, { effectiveRateLimit: LIMIT });
    const busy = uncounted(name);
    const denied = { requirement: { requiredScope: 'admin', grantedBy: ['admin'] } };
    for (let call = 0; call < LIMIT.limit + 1; call += 1)
      expect(await outcomeOf(busy, text, {}, 'count')).toBe('allow');
    expect(await verdictOn(busy, text, {}, 'count')).not.toHaveProperty('rate');
    expect(await outcomeOf(busy, text, denied, 'count')).toBe('insufficient_scope');
    await keyStoreOf(tables).revoke(aRevocation(key));
    expect(await outcomeOf(busy, text, {}, 'count')).toBe('revoked');
  });

  test.each(['InternalServerError', 'TransactionConflictException'])(
    'is no verdict at all when the store fails otherwise: %s',
    async (name) => {
      const { text } = await issued(tables, { effectiveRateLimit: LIMIT });
      const asked = verdictOn(uncounted(name), text, {}, 'count');
      await expect(asked).rejects.toMatchObject({ name: 'Unavailable', cause: { name } });
    },
  );
});
