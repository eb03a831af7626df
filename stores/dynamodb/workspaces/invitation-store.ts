import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { Contended } from '../../../core/errors/fault.ts';
import {
  type CreateInvitationOutcome,
  type Invitation,
  type InvitationAddress,
  type InvitationPage,
  type InvitationQuery,
  type InvitationStore,
  isOpen,
  type NewInvitation,
} from '../../../core/management/invitation-store.ts';
import { type EventTable, putEvent } from '../audit/event-item.ts';
import { callerInForce } from '../keys/caller-check.ts';
import { toItem, toValues } from '../keys/key-item.ts';
import { failedConditions, reading } from '../table/contention.ts';
import { fillPage } from '../table/filled-page.ts';
import { invitationKey, type Tables } from '../table/tables.ts';
import { deleteInvitation, invitationItems, readInvitation } from './invitation-item.ts';

type InvitationTables = Pick<Tables, 'client' | 'records'> & EventTable;

/** How often a revocation that meets somebody accepting is tried. */
const ATTEMPTS = 3;

/** Invitations on DynamoDB, as a workspace manages them. */
export function dynamoInvitationStore(tables: InvitationTables): InvitationStore {
  return {
    create: (asked) => createInvitation(tables, asked),
    get: async (address, now) => {
      const invitation = await readListed(tables, address);
      if (invitation === undefined || !isOpen(invitation, now)) return undefined;
      const { claim, ...shown } = invitation;
      return shown;
    },
    list: (query) => listInvitations(tables, query),
    async revoke(invitation, event) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const current = await readListed(tables, invitation);
        if (current === undefined) return { kind: 'gone' };
        const { claim } = current;
        // Of an acceptance and a revocation that want the same event, one is too late.
        const own = claim === undefined ? event : { ...event, id: claim.eventId };
        const TransactItems = [...deleteInvitation(tables.records, invitation, claim), putEvent(tables, own)];
        const failed = await failedConditions(tables.client, TransactItems);
        if (failed.length === 0) return { kind: 'revoked' };
        if (claim !== undefined && failed.includes(TransactItems.length - 1)) return { kind: 'gone' };
      }
      throw new Contended('The invitation keeps changing.');
    },
  };
}

async function createInvitation(
  tables: InvitationTables,
  { invitation, caller, event }: NewInvitation,
): Promise<CreateInvitationOutcome> {
  const { records } = tables;
  const { listed, addressed } = invitationItems(invitation);
  const TransactItems = [
    { Put: { TableName: records, Item: listed, ConditionExpression: 'attribute_not_exists(pk)' } },
    {
      Put: {
        TableName: records,
        Item: addressed,
        // One that has expired is as good as none, though DynamoDB may not have deleted it yet.
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: toValues({ ':now': invitation.createdAt }),
      },
    },
    putEvent(tables, event),
    ...(caller === null ? [] : [callerInForce(tables, caller)]),
  ];
  const failed = await failedConditions(tables.client, TransactItems);
  if (failed.length === 0) return { kind: 'created' };
  if (failed.includes(3)) return { kind: 'caller_ended' };
  if (failed.includes(1)) return { kind: 'exists' };
  throw new Error('A new invitation met one of the same identity.');
}

async function readListed(
  { client, records }: InvitationTables,
  { workspace, id }: InvitationAddress,
): Promise<ReturnType<typeof readInvitation> | undefined> {
  const { Item } = await reading(() =>
    client.send(
      new GetItemCommand({
        TableName: records,
        Key: toItem(invitationKey(workspace, id)),
        ConsistentRead: true,
      }),
    ),
  );
  return Item && readInvitation(Item);
}

async function listInvitations(
  { client, records: table }: InvitationTables,
  { workspace, limit, after, now }: InvitationQuery,
): Promise<InvitationPage> {
  const { pk, sk: prefix } = invitationKey(workspace, '');
  const query = { table, pk, prefix, order: 'descending', limit, after } as const;
  const { found, next } = await fillPage(client, query, (items) =>
    items.map((item): Invitation | undefined => {
      const { claim, ...invitation } = readInvitation(item);
      return isOpen(invitation, now) ? invitation : undefined;
    }),
  );
  return { invitations: found, next };
}
