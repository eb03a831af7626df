import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { IssueOutcome, NewKey } from '../../core/key-store.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { callerInForce, memberUnchanged, workspaceUnchanged } from './caller-check.ts';
import { failedConditions, pause } from './contention.ts';
import { putEvent } from './event-item.ts';
import { type KeyRecord, secretFieldsOf, toApiKey, toItem, writeKey } from './key-item.ts';
import { freePlaces, takePlace } from './places.ts';
import { type SecretOwner, writeSecret } from './secret-item.ts';
import { storedLocator } from './stored-locator.ts';
import { memberKeyKey, type Tables } from './tables.ts';

/** More than there can be places: each attempt that finds its place taken means that somebody else was served. */
const PLACE_ATTEMPTS = 60;

/**
 * Issues a key in one transaction of new items: record, secret, event, an entry among its creator's keys, and a place where
 * active keys are limited.
 */
export async function issueKey(tables: Tables, key: NewKey): Promise<IssueOutcome> {
  for (let attempt = 1; attempt <= PLACE_ATTEMPTS; attempt += 1) {
    const free = await freePlace(tables, key);
    if (free === 'none') return { kind: 'limit_reached' };
    const record = recordOf(key, free);
    const items = itemsOf(tables, key, record);
    const failed = await failedConditions(
      tables.client,
      items.map(({ write }) => write),
    );
    if (failed.length === 0) return { kind: 'issued', key: toApiKey(record, null) };
    if (failed.some((index) => items[index]?.part === 'caller')) return { kind: 'caller_ended' };
    if (failed.some((index) => items[index]?.part === 'creator')) return { kind: 'creator_changed' };
    if (failed.some((index) => items[index]?.part === 'workspace')) return { kind: 'workspace_changed' };
    if (failed.some((index) => items[index]?.part === 'new'))
      throw new Error('A new key met one of the same identity.');
    if (failed.some((index) => items[index]?.part === 'secret')) return { kind: 'secret_taken' };
    await pause(attempt);
  }
  throw new Unavailable('Too many keys are being issued at once.');
}

/** Picked at random among the free ones, so that many who issue at once do not all want the first. */
async function freePlace(tables: Tables, key: NewKey): Promise<number | null | 'none'> {
  if (key.maxActiveKeys === null) return null;
  const free = await freePlaces(tables, key.workspace, key.maxActiveKeys, key.createdAt);
  return free[Math.floor(Math.random() * free.length)] ?? 'none';
}

function recordOf(key: NewKey, place: number | null): KeyRecord {
  return {
    ...key.fields,
    id: key.id,
    workspace: key.workspace,
    start: key.secret.start,
    createdAt: key.createdAt,
    createdBy: key.creator?.userId ?? null,
    role: key.role,
    roleVersion: key.role === null ? undefined : key.creator?.version,
    revokedAt: null,
    version: 1,
    effectiveRateLimit: key.effectiveRateLimit,
    planVersion: key.planVersion ?? undefined,
    formerlyUsedAt: null,
    secrets: [{ locator: storedLocator(key.secret.locator), endsAt: null }],
    place,
    pendingChange: null,
  };
}

interface Part {
  readonly part: 'new' | 'secret' | 'caller' | 'creator' | 'workspace' | 'place';
  readonly write: TransactWriteItem;
}

function itemsOf(tables: Tables, key: NewKey, record: KeyRecord): Part[] {
  const { records, secrets } = tables;
  const absent = 'attribute_not_exists(pk)';
  const parts: Part[] = [
    {
      part: 'new',
      write: { Put: { TableName: records, Item: writeKey(record), ConditionExpression: absent } },
    },
    {
      part: 'secret',
      write: {
        Put: {
          TableName: secrets,
          Item: writeSecret(
            key.secret,
            ownerOf(record),
            secretFieldsOf(key.fields, key.effectiveRateLimit, null),
            1,
          ),
          ConditionExpression: absent,
        },
      },
    },
    { part: 'new', write: putEvent(tables, key.event) },
  ];
  if (key.caller !== null) parts.push({ part: 'caller', write: callerInForce(tables, key.caller) });
  if (key.creator !== null) {
    const creator = { workspace: key.workspace, ...key.creator };
    parts.push({ part: 'creator', write: memberUnchanged(tables, creator) });
    parts.push({ part: 'new', write: putMemberKey(tables, record, key.creator) });
  }
  if (key.planVersion !== null) {
    const workspace = { slug: key.workspace, version: key.planVersion };
    parts.push({ part: 'workspace', write: workspaceUnchanged(tables, workspace) });
  }
  if (record.place !== null) {
    const holding = {
      slug: key.workspace,
      place: record.place,
      keyId: key.id,
      expiresAt: key.fields.expiresAt,
      version: record.version,
    };
    parts.push({ part: 'place', write: takePlace(tables, holding, key.createdAt) });
  }
  return parts;
}

/** What tells later which keys are a member's, and of which time of theirs: their removal ends no key of a later one. */
function putMemberKey(
  { records }: Tables,
  { workspace, id }: KeyRecord,
  { userId, version }: NonNullable<NewKey['creator']>,
) {
  const entry = { ...memberKeyKey(workspace, userId, id), keyId: id, memberVersion: version };
  return { Put: { TableName: records, Item: toItem(entry) } };
}

export function ownerOf(record: KeyRecord): SecretOwner {
  const { id, workspace, createdBy, role, roleVersion } = record;
  return { kind: 'api_key', credentialId: id, workspace, user: createdBy, role, roleVersion };
}
