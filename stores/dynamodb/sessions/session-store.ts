import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { Session, SessionLink } from '../../../core/management/session.ts';
import type { SessionReader, SessionStore } from '../../../core/management/session-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { requireMemberUnchanged } from '../keys/caller-check.ts';
import { tryWrite, writeWithRetry } from '../table/contention.ts';
import { type Document, documentClient, parseItem, readDocument } from '../table/documents.ts';
import type { ItemKey, Tables } from '../table/tables.ts';
import { putNewPart, transact } from '../table/transaction.ts';

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

    async keepLink({ link, code, member, event }) {
      const failed = await transact(client, {
        link: putNewPart(sessions, { ...keyOf(code), kind: 'link', ...link, deleteAt: link.expiresAt }),
        member: requireMemberUnchanged(tables, member),
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
        member: requireMemberUnchanged(tables, member),
        event: putEventPart(tables, event),
      });
      if (failed.has('link')) return { kind: 'link_ended' };
      if (failed.has('member')) return { kind: 'member_changed' };
      if (failed.size > 0) throw new Error('A new session met one of the same secret.');
      return { kind: 'started' };
    },

    // The event comes first: the log may tell of an end that has to be asked for again, and never misses one.
    async end({ secret, event }) {
      await transact(client, { event: putEventPart(tables, event) });
      const command = new DeleteCommand({ TableName: sessions, Key: keyOf(secret) });
      await writeWithRetry(() => documentClient(client).send(command));
    },
  };
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
