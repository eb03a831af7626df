import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../core/audit/audit-event.ts';
import { heldSlots } from '../../stores/dynamodb/keys/active-key-slots.ts';
import { type KeyRecord, readKey } from '../../stores/dynamodb/keys/key-item.ts';
import { readSecret } from '../../stores/dynamodb/secrets/secret-item.ts';
import { locatorOf } from '../../stores/dynamodb/secrets/secret-key.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { copiedRole, type MemberItem } from '../../stores/dynamodb/workspaces/member-item.ts';
import { agreedPower, shownPower } from '../stores/dynamodb/keys/agreement.ts';

type Item = Record<string, AttributeValue>;

/** Everything that Keyward remembers. */
export interface Memory {
  readonly records: readonly Item[];
  readonly secrets: readonly Item[];
  readonly events: readonly Item[];
}

export async function readMemory({ client, records, secrets, events }: Tables): Promise<Memory> {
  const scan = async (TableName: string) => {
    const items: Item[] = [];
    const pages = paginateScan({ client }, { TableName, ConsistentRead: true });
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  };
  const [ofRecords, ofSecrets, ofEvents] = await Promise.all([records, secrets, events].map(scan));
  return { records: ofRecords ?? [], secrets: ofSecrets ?? [], events: ofEvents ?? [] };
}

/**
 * Tells where what is stored does not agree while nothing is under way: marks that are left, secrets that say something else than
 * their key, places without a key, changes without their event and events without their change, roles that were not copied.
 * @param now Unix seconds.
 * @returns a sentence for each; empty when all agrees.
 */
export function disagreements(memory: Memory, now: number): string[] {
  const { events, members, keys } = readAll(memory);
  const found = memory.records.flatMap((item) =>
    item.pending === undefined ? [] : [`${item.pk?.S} ${item.sk?.S} is pending still.`],
  );
  for (const key of keys) {
    const own = events.filter(({ workspace, keyId }) => workspace === key.workspace && keyId === key.id);
    const memberOf = members.get(`${key.workspace} ${key.createdBy}`);
    found.push(
      ...eventsOfKey(key, own, quietChanges(key, events)),
      ...slotsOf(key, memory.records),
      ...roleOfKey(key, memberOf),
    );
  }
  for (const member of members.values()) found.push(...eventsOfMember(member, events));
  for (const item of memory.secrets) found.push(...secretOf(item, { keys, members, now, memory }));
  return found;
}

interface Context {
  readonly keys: readonly KeyRecord[];
  readonly members: ReadonlyMap<string, MemberItem>;
  readonly now: number;
  readonly memory: Memory;
}

function readAll({ records, events }: Memory) {
  const isKey = ({ pk, sk }: Item) => sk?.S?.startsWith('KEY#') && /^WS#[^#]+$/.test(pk?.S ?? '');
  const members = records
    .filter(({ sk }) => sk?.S?.startsWith('MEMBER#'))
    .map((item) => unmarshall(item) as MemberItem);
  return {
    keys: records.filter(isKey).map((item) => readKey(unmarshall(item))),
    members: new Map(members.map((member) => [`${member.workspace} ${member.userId}`, member])),
    events: events.map((item) => unmarshall(item) as AuditEvent).filter(({ outcome }) => outcome === 'done'),
  };
}

/** At most as often as its plan or its creator's role has changed, a key became a version older without an event of its own. */
function quietChanges(key: KeyRecord, events: readonly AuditEvent[]): number {
  return events.filter(
    ({ workspace, type, userId }) =>
      workspace === key.workspace &&
      (type === 'workspace.updated' || (userId === key.createdBy && type === 'member.role_changed')),
  ).length;
}

function eventsOfKey(key: KeyRecord, own: readonly AuditEvent[], mostQuiet: number): string[] {
  const quiet = key.version - own.length;
  const count = (type: AuditEvent['type']) => own.filter((event) => event.type === type).length;
  return [
    ...(quiet < 0 || quiet > mostQuiet
      ? [`${key.id} has ${own.length} events at version ${key.version}.`]
      : []),
    ...(count('key.issued') === 1 ? [] : [`${key.id} was issued ${count('key.issued')} times.`]),
    ...(count('key.revoked') === Number(key.revokedAt !== null)
      ? []
      : [`${key.id} has ${count('key.revoked')} revocations in the log.`]),
  ];
}

function slotsOf(key: KeyRecord, records: readonly Item[]): string[] {
  return heldSlots(key).flatMap((slot) => {
    const item = records.find(({ pk, sk }) => pk?.S === slot.pk && sk?.S === slot.sk);
    const holds = item?.keyId?.S === key.id;
    if (key.revokedAt !== null) return holds ? [`${key.id} was revoked and holds its slot.`] : [];
    return holds ? [] : [`${key.id} is active without its slot.`];
  });
}

function roleOfKey(key: KeyRecord, member: MemberItem | undefined): string[] {
  if (key.role === null || key.revokedAt !== null) return [];
  const role = member === undefined ? 'none' : copiedRole(member);
  return key.role === role ? [] : [`${key.id} has the role ${key.role}, its creator ${role}.`];
}

/** Only of those who were added: whoever came with their workspace stands in its event. */
function eventsOfMember({ workspace, userId, version }: MemberItem, events: readonly AuditEvent[]): string[] {
  const own = events.filter(
    (event) => event.workspace === workspace && event.userId === userId && event.type.startsWith('member.'),
  );
  if (!own.some(({ type }) => type === 'member.added') || own.length === version) return [];
  return [`${userId} has ${own.length} events at version ${version}.`];
}

function secretOf(item: Item, context: Context): string[] {
  const sk = item.sk?.S ?? '';
  if (sk.startsWith('WS#')) return membershipOf(item, context);
  if (sk === 'TOKEN') return stateOfToken(item.credentialId?.S ?? '', item.secretState?.S ?? '', context);
  const secret = readSecret(item);
  const { kind, credentialId } = secret.principal;
  if (kind !== 'api_key') return [`Among the secrets stands a ${kind}.`];
  const key = context.keys.find(({ id }) => id === credentialId);
  if (key === undefined) return [`A secret is of ${credentialId}, which there is not.`];
  const locator = locatorOf({ pk: item.pk?.S ?? '', sk });
  const listed = key.secrets.find((one) => one.locator === locator);
  const isDead = secret.state === 'revoked' || (secret.expiresAt ?? Number.POSITIVE_INFINITY) <= context.now;
  if (listed === undefined) return isDead ? [] : [`${key.id} does not list a secret of its own that works.`];
  if (key.revokedAt !== null) return isDead ? [] : [`${key.id} was revoked, and a secret of it works.`];
  return isDeepStrictEqual(shownPower(secret), agreedPower(key, listed))
    ? []
    : [`${key.id} and one of its secrets say different things.`];
}

function stateOfToken(id: string, state: string, { memory }: Context): string[] {
  const record = memory.records.find(({ sk }) => sk?.S === `TOKEN#${id}`);
  if (record === undefined) return [`A secret is of ${id}, which there is not.`];
  const isRevoked = record.revokedAt?.N !== undefined;
  return isRevoked === (state === 'revoked') ? [] : [`${id} and its secret say different things.`];
}

/** The role that a token of a user has in one workspace. A revoked token is not kept up to date. */
function membershipOf(item: Item, { members, memory }: Context): string[] {
  const token = memory.records.find(
    ({ sk, locator }) => sk?.S?.startsWith('TOKEN#') && locator?.S === item.pk?.S,
  );
  if (token === undefined || token.revokedAt?.N !== undefined) return [];
  const [userId = '', slug = ''] = [token.userId?.S, item.sk?.S?.slice('WS#'.length)];
  const member = members.get(`${slug} ${userId}`);
  const role = member === undefined ? 'none' : copiedRole(member);
  return item.role?.S === role
    ? []
    : [`A token of ${userId} is ${item.role?.S} in ${slug}, they are ${role}.`];
}
