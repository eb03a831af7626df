import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import { toItem } from '../keys/key-item.ts';
import { addressInvitationKey, invitationKey } from '../table/tables.ts';

/** Who is accepting an invitation; noted on the item that its workspace lists. */
export interface Claim {
  readonly userId: string;
  readonly eventId: string;
}

/** The two items of an invitation. DynamoDB deletes them some time after they have ended. */
export function invitationItems(invitation: Invitation) {
  const { id, workspace, email, expiresAt } = invitation;
  const ends = { deleteAt: expiresAt };
  return {
    listed: toItem({ ...invitationKey(workspace, id), ...invitation, ...ends }),
    addressed: toItem({ ...addressInvitationKey(email, workspace), ...invitation, ...ends }),
  };
}

export function readInvitation(item: Record<string, AttributeValue>): Invitation & { claim?: Claim } {
  const { pk, sk, deleteAt, ...invitation } = unmarshall(item);
  return invitation as Invitation & { claim?: Claim };
}

/** The parts of a transaction that take an invitation away, unless another one has taken its place for the address. */
export function deleteInvitation(
  table: string,
  { id, workspace, email }: Invitation,
  claim: Claim | undefined,
) {
  const unclaimed = { ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(claim)' };
  const claimed = {
    ConditionExpression: 'claim.eventId = :eventId',
    ExpressionAttributeValues: toItem({ ':eventId': claim?.eventId }),
  };
  return [
    {
      Delete: {
        TableName: table,
        Key: toItem(invitationKey(workspace, id)),
        ...(claim === undefined ? unclaimed : claimed),
      },
    },
    {
      Delete: {
        TableName: table,
        Key: toItem(addressInvitationKey(email, workspace)),
        ConditionExpression: 'attribute_not_exists(pk) OR id = :id',
        ExpressionAttributeValues: toItem({ ':id': id }),
      },
    },
  ];
}
