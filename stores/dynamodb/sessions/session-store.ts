import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { Session, SessionLink } from '../../../core/management/session.ts';
import type {
  EndedSessions,
  SessionAddress,
  SessionReader,
  SessionStore,
} from '../../../core/management/session-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { requireMemberUnchanged } from '../keys/caller-check.ts';
import { tryWrite, writeWithRetry } from '../table/contention.ts';
import { type Document, documentClient, parseItem, readDocument } from '../table/documents.ts';
import { queryPage } from '../table/query-pages.ts';
import type { ItemKey, Tables } from '../table/tables.ts';
import { putNewPart, type TransactionItem, transact } from '../table/transaction.ts';
import { nameMemberPart } from '../workspaces/member-item.ts';

/**
 * The table of links and sessions. The functions that make, start, use and end sessions reach it, and no others: code that can
 * write one item there can be any person.
 */
export interface SessionTable {
  readonly client: DynamoDBClient;
  readonly sessions: string;
}

const person = { id: v.string(), userId: v.string(), workspace: v.string(), memberSince: v.number() };
const storedLink = v.object({
  ...person,
  kind: v.literal('link'),
  expiresAt: v.number(),
  sessionSeconds: v.number(),
});
const storedSession = v.object({
  ...person,
  kind: v.literal('session'),
  expiresAt: v.number(),
  endsAt: v.number(),
});

export function dynamoSessionReader({ client, sessions }: SessionTable): SessionReader {
  return {
    async find(secret, now) {
      const item = await readDocument(client, sessions, keyOf(secret));
      return item?.kind === 'session' ? inForce(toSession(item), now) : undefined;
    },

    // An update creates an item that it does not find: a session that has ended must not come back.
    async renew(secret, { expiresAt, now }) {
      const command = new UpdateCommand({
        TableName: sessions,
        Key: keyOf(secret),
        UpdateExpression: 'SET expiresAt = :next',
        ConditionExpression: 'kind = :session AND expiresAt > :now AND expiresAt < :next',
        ExpressionAttributeValues: { ':next': expiresAt, ':now': now, ':session': 'session' },
      });
      await tryWrite(() => documentClient(client).send(command));
    },
  };
}

export function dynamoSessionStore(tables: Tables & SessionTable): SessionStore {
  const { client, sessions } = tables;
  return {
    ...dynamoSessionReader(tables),

    async keepLink({ link, code, member, name, event }) {
      const failed = await transact(client, {
        link: putNewPart(sessions, { ...keyOf(code), kind: 'link', ...link, deleteAt: link.expiresAt }),
        entry: putEntry(sessions, link, { locator: code, deleteAt: link.expiresAt }),
        member:
          name === undefined ? requireMemberUnchanged(tables, member) : nameMemberPart(tables, member, name),
        event: putEventPart(tables, event),
      });
      if (failed.has('member')) return { kind: 'member_changed' };
      if (failed.size > 0) throw new Error('A new link met one of the same code.');
      return { kind: 'kept' };
    },

    async findLink(code, now) {
      const item = await readDocument(client, sessions, keyOf(code));
      return item?.kind === 'link' ? inForce(toLink(item), now) : undefined;
    },

    // Nothing else writes a link, so the transaction that deletes it meets no other but that of a second caller.
    async start({ session, code, secret, member, now, event }) {
      const failed = await transact(client, {
        link: {
          Delete: {
            TableName: sessions,
            Key: keyOf(code),
            ConditionExpression: 'kind = :link AND expiresAt > :now',
            ExpressionAttributeValues: { ':link': 'link', ':now': now },
          },
        },
        session: putNewPart(sessions, {
          ...keyOf(secret),
          kind: 'session',
          ...session,
          deleteAt: session.endsAt,
        }),
        entry: putEntry(sessions, session, { locator: secret, deleteAt: session.endsAt }),
        member: requireMemberUnchanged(tables, member),
        event: putEventPart(tables, event),
      });
      if (failed.has('link')) return { kind: 'link_ended' };
      if (failed.has('member')) return { kind: 'member_changed' };
      if (failed.size > 0) throw new Error('A new session met one of the same secret.');
      return { kind: 'started' };
    },

    // The event comes first: the log may tell of an end that has to be asked for again, and never misses one.
    async end({ secret, session, event }) {
      await transact(client, { event: putEventPart(tables, event) });
      await deleteItem(tables, keyOf(secret));
      await deleteItem(tables, entryKey(session));
    },

    endAll: (asked) => endSessionsOf(tables, asked),
  };
}

const storedEntry = v.object({ sk: v.string(), id: v.string(), workspace: v.string(), locator: v.string() });

/**
 * The entry of a link among all that its user has, and of the session that the link becomes: it says under which digest to find
 * it now. Verification never touches it.
 */
function putEntry(
  table: string,
  { userId, workspace, id }: Pick<Session, 'userId' | 'workspace' | 'id'>,
  entry: { readonly locator: SecretLocator; readonly deleteAt: number },
): TransactionItem {
  return {
    Put: { TableName: table, Item: { ...entryKey({ userId, workspace, id }), id, workspace, ...entry } },
  };
}

/** No slug holds a `#`, and no digest does. */
function entryKey({ userId, workspace, id }: Pick<Session, 'userId' | 'workspace' | 'id'>): ItemKey {
  return { pk: `USER#${userId}`, sk: `IN#${workspace}#${id}` };
}

const PAGE = 25;

/** More than anybody has. Beyond it, new sessions are made all the time. */
const MOST_PAGES = 100;

/** Ends what the entries name until there is no entry: a link that is opened meanwhile has put its session into its entry. */
async function endSessionsOf(
  tables: Tables & SessionTable,
  { userId, workspace, now, makeEvent }: EndedSessions,
): Promise<readonly SessionAddress[]> {
  const { client, sessions } = tables;
  const { pk, sk: prefix } =
    workspace === undefined
      ? { pk: entryKey({ userId, workspace: '', id: '' }).pk, sk: 'IN#' }
      : entryKey({ userId, workspace, id: '' });
  const ended = new Map<string, SessionAddress>();
  const endOne = async (item: Document) => {
    const { sk, id, workspace: slug, locator } = parseItem(storedEntry, item, 'entry of a session');
    const key = keyOf(locator as SecretLocator);
    const found = await readDocument(client, sessions, key);
    if (found !== undefined && Number(found.expiresAt) > now && !ended.has(id)) {
      const address = { id, workspace: slug };
      await transact(client, { event: putEventPart(tables, makeEvent(address)) });
      ended.set(id, address);
    }
    await deleteItem(tables, key);
    const command = new DeleteCommand({
      TableName: sessions,
      Key: { pk, sk },
      // DynamoDB reserves the name.
      ConditionExpression: '#locator = :locator',
      ExpressionAttributeNames: { '#locator': 'locator' },
      ExpressionAttributeValues: { ':locator': locator },
    });
    await tryWrite(() => documentClient(client).send(command));
  };
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = { table: sessions, pk, prefix, order: 'ascending', limit: PAGE } as const;
    const { items } = await queryPage(client, query);
    if (items.length === 0) return [...ended.values()];
    await Promise.all(items.map(endOne));
  }
  throw new Contended('New sessions of the user keep being made.');
}

async function deleteItem({ client, sessions }: SessionTable, key: ItemKey): Promise<void> {
  const command = new DeleteCommand({ TableName: sessions, Key: key });
  await writeWithRetry(() => documentClient(client).send(command));
}

function keyOf(text: SecretLocator): ItemKey {
  return { pk: text, sk: 'SESSION' };
}

function toLink(item: Document): SessionLink {
  const { kind, ...link } = parseItem(storedLink, item, 'link');
  return link;
}

function toSession(item: Document): Session {
  const { kind, ...session } = parseItem(storedSession, item, 'session');
  return session;
}

/** DynamoDB deletes an item some time after its end. Until then it counts as gone. */
function inForce<Thing extends { readonly expiresAt: number }>(thing: Thing, now: number): Thing | undefined {
  return thing.expiresAt > now ? thing : undefined;
}
