import { paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type AcceptanceStore, type Invitation, isOpen } from '../../../core/management/invitation-store.ts';
import { type EventTable, putEventPart } from '../audit/event-store.ts';
import { readOrUnavailable } from '../table/contention.ts';
import { documentClient, updateDocument } from '../table/documents.ts';
import { addressInvitationKey, invitationKey, type RecordTable } from '../table/tables.ts';
import { transact } from '../table/transaction.ts';
import { deleteInvitationParts, type InvitationClaim, readInvitation } from './invitation-item.ts';

/** Invitations on DynamoDB, as a person who signs in finds them. */
export function dynamoAcceptanceStore(tables: RecordTable & EventTable): AcceptanceStore {
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
