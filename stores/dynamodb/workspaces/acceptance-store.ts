import { ConditionalCheckFailedException, paginateQuery, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type AcceptanceStore, type Invitation, isOpen } from '../../../core/management/invitation-store.ts';
import { type EventTable, putEvent } from '../audit/event-item.ts';
import { toItem, toValues } from '../keys/key-item.ts';
import { contend, failedConditions, reading } from '../table/contention.ts';
import { addressInvitationKey, invitationKey, type Tables } from '../table/tables.ts';
import { type Claim, deleteInvitation, readInvitation } from './invitation-item.ts';

type RecordTable = Pick<Tables, 'client' | 'records'>;

/** Invitations on DynamoDB, as whoever signs in finds them. */
export function dynamoAcceptanceStore(tables: RecordTable & EventTable): AcceptanceStore {
  const remove: AcceptanceStore['remove'] = async (invitation, eventId) => {
    const TransactItems = deleteInvitation(tables.records, invitation, { userId: '', eventId });
    // A condition that fails here means that it is gone already.
    await failedConditions(tables.client, TransactItems);
  };
  return {
    listOpen: (email, now) => reading(() => readAddressed(tables, email, now)),
    async claim(invitation, claim) {
      const claimed = await claimInvitation(tables, invitation, claim);
      if (claimed?.userId !== claim.userId) return { kind: 'gone' };
      return { kind: 'claimed', eventId: claimed.eventId };
    },
    remove,
    async close(invitation, event) {
      const deletions = deleteInvitation(tables.records, invitation, { userId: '', eventId: event.id });
      const failed = await failedConditions(tables.client, [...deletions, putEvent(tables, event)]);
      // The event is there: they have joined by this invitation before.
      if (failed.includes(deletions.length)) await remove(invitation, event.id);
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
    { client },
    {
      TableName: records,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: toValues({ ':pk': pk }),
      ConsistentRead: true,
    },
  );
  const found: Invitation[] = [];
  for await (const { Items = [] } of pages) found.push(...Items.map(readInvitation));
  return found.filter((invitation) => isOpen(invitation, now));
}

/** @returns the claim that stands; undefined when there is no such invitation any more. */
async function claimInvitation(
  { client, records }: RecordTable,
  { workspace, id }: Invitation,
  claim: Claim,
): Promise<Claim | undefined> {
  try {
    const { Attributes = {} } = await contend(() =>
      client.send(
        new UpdateItemCommand({
          TableName: records,
          Key: toItem(invitationKey(workspace, id)),
          UpdateExpression: 'SET claim = if_not_exists(claim, :claim)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: toValues({ ':claim': claim }),
          ReturnValues: 'ALL_NEW',
        }),
      ),
    );
    return readInvitation(Attributes).claim;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
