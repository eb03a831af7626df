import { randomBytes } from 'node:crypto';
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { effectiveLimit } from '../../../../core/access/rate-limit.ts';
import type { AuditEvent, AuditEventType } from '../../../../core/audit/audit-event.ts';
import type { ApiKey, KeyFields } from '../../../../core/credential/credential.ts';
import { type IdentifierPrefix, makeIdentifier } from '../../../../core/credential/identifier.ts';
import { generateKey, type KeyFormat, startOf } from '../../../../core/credential/key-text.ts';
import { digestOf, type NewSecret } from '../../../../core/credential/secret.ts';
import type { KeyToImport } from '../../../../core/management/key-import.ts';
import type {
  KeyAddress,
  KeyChange,
  KeyRotation,
  KeyUpdate,
  NewKey,
} from '../../../../core/management/key-store.ts';
import type { RoleCopies } from '../../../../core/management/member-store.ts';
import type { Tracking } from '../../../../core/verification/last-use.ts';
import type { Claim, Verdict } from '../../../../core/verification/verdict.ts';
import { verify } from '../../../../core/verification/verify.ts';
import { fieldsOf } from '../../../../stores/dynamodb/keys/key-item.ts';
import { dynamoKeyStore } from '../../../../stores/dynamodb/keys/key-store.ts';
import { dynamoVerificationStore } from '../../../../stores/dynamodb/secrets/verification-store.ts';
import type { ChangeFinisher } from '../../../../stores/dynamodb/table/intent.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { dynamoMemberStore } from '../../../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../../../stores/dynamodb/workspaces/workspace-store.ts';

/** When these tests happen, in Unix seconds; divisible by every window they use. */
export const NOW = 1_800_000_000;

export const FORMAT: KeyFormat = { prefix: 'kw_test_', randomLength: 30, hasChecksum: true };

let ticks = 0;

/** Identifiers in the order they were made. */
export function newId(prefix: IdentifierPrefix): string {
  ticks += 1;
  return makeIdentifier(prefix, NOW * 1000 + ticks, randomBytes);
}

export const newSlug = () => `ws-${randomBytes(6).toString('hex')}`;

export function newSecret(): { readonly text: string; readonly secret: NewSecret } {
  const text = generateKey(FORMAT, randomBytes);
  return { text, secret: { locator: digestOf(text), start: startOf(FORMAT, text), secretHash: null } };
}

export const FIELDS: KeyFields = {
  name: 'ci',
  description: null,
  externalId: null,
  scopes: ['read', 'write'],
  enabled: true,
  expiresAt: null,
  allowedCidrs: [],
  rateLimit: null,
  issuerLimit: null,
  bounds: {},
};

export function newEvent(type: AuditEventType, workspace: string, keyId: string | null): AuditEvent {
  return {
    id: newId('evt'),
    at: NOW,
    type,
    actor: { kind: 'operator', credentialId: null, user: null },
    sourceAddress: null,
    workspace,
    keyId,
    outcome: 'done',
  };
}

export function newKey(overrides: Partial<NewKey> = {}): { readonly text: string; readonly key: NewKey } {
  const { text, secret } = newSecret();
  const id = newId('key');
  const workspace = overrides.workspace ?? newSlug();
  return {
    text,
    key: {
      workspace,
      id,
      fields: FIELDS,
      secret,
      createdAt: NOW,
      caller: null,
      creator: null,
      role: null,
      effectiveRateLimit: null,
      maxActiveKeys: null,
      maxMemberKeys: 500,
      planVersion: null,
      event: newEvent('key.issued', workspace, id),
      ...overrides,
    },
  };
}

/** A key to import by the digest of its text, which is handed out. */
export function keyToImport(overrides: Partial<KeyToImport> = {}): {
  readonly text: string;
  readonly key: KeyToImport;
} {
  const { text, secret } = newSecret();
  const workspace = overrides.workspace ?? newSlug();
  const id = newId('key');
  const { caller, secret: _, ...issued } = newKey({ workspace, id }).key;
  return {
    text,
    key: {
      ...issued,
      secret: { kind: 'by_digest', locator: secret.locator, start: secret.start },
      lastUsedAt: null,
      now: NOW,
      event: newEvent('key.imported', workspace, id),
      ...overrides,
    },
  };
}

/** A key to import by a bcrypt hash. Its look-up prefix and its hash stand for any others. */
export function hashToImport(hash: string, overrides: Partial<KeyToImport> = {}): KeyToImport {
  const lookupPrefix = 'abcdefgh';
  const secretHash = `$2b$10$${hash.padEnd(53, '.')}`;
  const secret = { kind: 'by_prefix', lookupPrefix, secretHash, start: 'kw_test_abcdefgh' } as const;
  return keyToImport({ secret, ...overrides }).key;
}

export function anUpdate(
  key: ApiKey,
  fields: Partial<KeyFields>,
  overrides: Partial<KeyUpdate> = {},
): KeyUpdate {
  return {
    key,
    changeId: newId('chg'),
    caller: null,
    now: NOW,
    event: newEvent('key.updated', key.workspace, key.id),
    fields: { ...fieldsOf(key), ...fields },
    effectiveRateLimit: effectiveLimit(null, { ...key, ...fields }),
    ...overrides,
  };
}

export function aRotation(key: ApiKey, overlapSeconds: number, now = NOW) {
  const { text, secret } = newSecret();
  const event = newEvent('key.rotated', key.workspace, key.id);
  const rotation: KeyRotation = {
    key,
    changeId: newId('chg'),
    caller: null,
    now,
    event,
    secret,
    overlapSeconds,
  };
  return { text, rotation };
}

export function aPreviousRevocation(key: ApiKey, now = NOW): KeyChange {
  const event = newEvent('key.previous_secret_revoked', key.workspace, key.id);
  return { key, changeId: newId('chg'), caller: null, now, event };
}

export function aRevocation({ workspace, id }: Pick<ApiKey, 'workspace' | 'id'>, now = NOW) {
  const event = newEvent('key.revoked', workspace, id);
  return { address: { workspace, id }, changeId: newId('chg'), now, event };
}

export const finisherAt = (tables: Tables, now: number): ChangeFinisher => ({
  tables,
  now: () => now,
  newId,
});

export const keyStoreOf = (tables: Tables, now = NOW) => dynamoKeyStore(finisherAt(tables, now));

export const workspaceStoreOf = (tables: Tables, copies: RoleCopies = [], now = NOW) =>
  dynamoWorkspaceStore(finisherAt(tables, now), copies);

export const memberStoreOf = (tables: Tables, copies: RoleCopies = [], now = NOW) =>
  dynamoMemberStore(finisherAt(tables, now), copies);

/** Issues a key that must be issued, and hands out its secret. */
export async function issued(tables: Tables, overrides: Partial<NewKey> = {}) {
  const { text, key } = newKey(overrides);
  const outcome = await keyStoreOf(tables).issue(key);
  if (outcome.kind !== 'issued') throw new Error(`The key was not issued: ${outcome.kind}.`);
  return { text, key: outcome.key };
}

/** A key once no change of it is pending, as a further change is decided on; `undefined` when there is no such key. */
export async function settledKey(
  tables: Tables,
  address: KeyAddress,
  now = NOW,
): Promise<ApiKey | undefined> {
  const outcome = await keyStoreOf(tables, now).finishPendingChange(address);
  return outcome.kind === 'settled' ? outcome.key : undefined;
}

export const CLAIM: Claim = { now: NOW, requirement: 'any', sourceAddress: { skip: true } };

/** The verdict on a presented text at a moment, as the authorizer comes to it. */
export async function verdictOn(
  tables: Tables,
  text: string,
  claim: Partial<Claim> = {},
  tracking: Tracking = 'nothing',
): Promise<Verdict> {
  const store = dynamoVerificationStore(tables);
  return verify(
    { credentials: [{ kind: 'api_key', format: FORMAT, storedAs: 'sha256' }], store, tracking },
    text,
    { ...CLAIM, ...claim },
  );
}

/** `allow`, or the code of the refusal. */
export async function outcomeOf(...asked: Parameters<typeof verdictOn>): Promise<string> {
  const verdict = await verdictOn(...asked);
  return verdict.kind === 'allow' ? 'allow' : verdict.code;
}

/** Every item of a table, as plain values. */
export async function dump({ client }: Tables, table: string): Promise<Record<string, unknown>[]> {
  const found = [];
  let from: Record<string, import('@aws-sdk/client-dynamodb').AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    from = page.LastEvaluatedKey;
  } while (from);
  return found;
}

/** Every item of one partition, such as a workspace's, as plain values. */
export async function partition({ client }: Tables, table: string, pk: string) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => unmarshall(item));
}
