import { paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import { Contended } from '../../../core/errors/fault.ts';
import {
  type AcceptanceStore,
  type CreateInvitationOutcome,
  type Invitation,
  type InvitationAddress,
  type InvitationPage,
  type InvitationQuery,
  type InvitationStore,
  isOpen,
  type NewInvitation,
  type RevokeInvitationOutcome,
} from '../../../core/management/invitation-store.ts';
import { type EventTable, putEventPart } from '../audit/event-store.ts';
import { requireCallerInForce } from '../keys/caller-check.ts';
import { readOrUnavailable } from '../table/contention.ts';
import { documentClient, readDocument, updateDocument } from '../table/documents.ts';
import { fillPage } from '../table/query-pages.ts';
import { putRequestParts } from '../table/request-item.ts';
import { addressInvitationKey, invitationKey, type RecordTable } from '../table/tables.ts';
import { putNewPart, transact } from '../table/transaction.ts';
import {
  deleteInvitationParts,
  type InvitationClaim,
  invitationItems,
  readInvitation,
  type StoredInvitation,
} from './invitation-item.ts';

type InvitationTables = RecordTable & EventTable;

/** How often a revocation is tried that meets an acceptance. */
const REVOKE_ATTEMPTS = 3;

/** Invitations on DynamoDB, as a workspace manages them. */
export function dynamoInvitationStore(tables: InvitationTables): InvitationStore {
  return {
    create: (asked) => createInvitation(tables, asked),
    get: async (address, now) => {
      const stored = await readListed(tables, address);
      return stored !== undefined && isOpen(stored.invitation, now) ? stored.invitation : undefined;
    },
    list: (query) => listInvitations(tables, query),
    revoke: (invitation, event) => revokeInvitation(tables, invitation, event),
  };
}

async function revokeInvitation(
  tables: InvitationTables,
  invitation: Invitation,
  event: AuditEvent,
): Promise<RevokeInvitationOutcome> {
  for (let attempt = 1; attempt <= REVOKE_ATTEMPTS; attempt += 1) {
    const current = await readListed(tables, invitation);
    if (current === undefined) return { kind: 'gone' };
    const { claim } = current;
    const failed = await transact(tables.client, {
      ...deleteInvitationParts(tables.records, invitation, claim?.eventId),
      // An acceptance and a revocation want the same event: one of them is too late.
      event: putEventPart(tables, claim === undefined ? event : { ...event, id: claim.eventId }),
    });
    if (failed.size === 0) return { kind: 'revoked' };
    if (claim !== undefined && failed.has('event')) return { kind: 'gone' };
  }
  throw new Contended('The invitation keeps changing.');
}

async function createInvitation(
  tables: InvitationTables,
  { invitation, caller, request, event }: NewInvitation,
): Promise<CreateInvitationOutcome> {
  const { records } = tables;
  const { listed, addressed } = invitationItems(invitation);
  const failed = await transact(tables.client, {
    listed: putNewPart(records, listed),
    addressed: {
      Put: {
        TableName: records,
        Item: addressed,
        // An expired invitation does not count, even if DynamoDB has not deleted it yet.
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: { ':now': invitation.createdAt },
      },
    },
    event: putEventPart(tables, event),
    caller: requireCallerInForce(tables, caller),
    request: putRequestParts(tables, request, { madeId: invitation.id, eventId: event.id }),
  });
  if (failed.size === 0) return { kind: 'created' };
  if (failed.has('caller')) return { kind: 'caller_ended' };
  if (failed.has('request')) return { kind: 'request_taken' };
  if (failed.has('addressed')) return { kind: 'exists' };
  throw new Error('A new invitation met one of the same identity.');
}

async function readListed(
  { client, records }: InvitationTables,
  { workspace, id }: InvitationAddress,
): Promise<StoredInvitation | undefined> {
  const item = await readDocument(client, records, invitationKey(workspace, id));
  return item && readInvitation(item);
}

async function listInvitations(
  { client, records: table }: InvitationTables,
  { workspace, limit, after, now }: InvitationQuery,
): Promise<InvitationPage> {
  const { pk, sk: prefix } = invitationKey(workspace, '');
  const query = { table, pk, prefix, order: 'descending', limit, after } as const;
  const { found, next } = await fillPage(client, query, (items) =>
    items.map((item) => {
      const { invitation } = readInvitation(item);
      return isOpen(invitation, now) ? invitation : undefined;
    }),
  );
  return { invitations: found, next };
}

/** Invitations on DynamoDB, as a person who signs in finds them. */
export function dynamoAcceptanceStore(tables: InvitationTables): AcceptanceStore {
  const remove: AcceptanceStore['remove'] = async (invitation, eventId) => {
    // A part fails where the invitation is gone already.
    await transact(tables.client, deleteInvitationParts(tables.records, invitation, eventId));
  };
  return {
    listOpen: (email, now) => readOrUnavailable(() => readAddressed(tables, email, now)),
    async claim(invitation, claim) {
      const claimed = await claimInvitation(tables, invitation, claim);
      if (claimed?.userId !== claim.userId) return { kind: 'gone' };
      return { kind: 'claimed', eventId: claimed.eventId };
    },
    remove,
    async close(invitation, event) {
      const failed = await transact(tables.client, {
        ...deleteInvitationParts(tables.records, invitation, event.id),
        event: putEventPart(tables, event),
      });
      // The event is there: the person has joined by this invitation before.
      if (failed.has('event')) await remove(invitation, event.id);
    },
  };
}

async function readAddressed(
  { client, records }: RecordTable,
  email: string,
  now: number,
): Promise<Invitation[]> {
  const { pk } = addressInvitationKey(email, '');
  const pages = paginateQuery(
    { client: documentClient(client) },
    {
      TableName: records,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    },
  );
  const found: Invitation[] = [];
  for await (const { Items = [] } of pages)
    found.push(...Items.map((item) => readInvitation(item).invitation));
  return found.filter((invitation) => isOpen(invitation, now));
}

/** @returns the claim that stands; `undefined` when there is no such invitation any more. */
async function claimInvitation(
  { client, records }: RecordTable,
  { workspace, id }: Invitation,
  claim: InvitationClaim,
): Promise<InvitationClaim | undefined> {
  const command = new UpdateCommand({
    TableName: records,
    Key: invitationKey(workspace, id),
    UpdateExpression: 'SET claim = if_not_exists(claim, :claim)',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':claim': claim },
    ReturnValues: 'ALL_NEW',
  });
  const item = await updateDocument(() => documentClient(client).send(command));
  return item && readInvitation(item).claim;
}
