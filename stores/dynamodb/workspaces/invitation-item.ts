import * as v from 'valibot';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import { type Document, parseItem, storedRole, storedText } from '../table/documents.ts';
import { addressInvitationKey, invitationKey } from '../table/tables.ts';
import type { TransactionItem } from '../table/transaction.ts';

/** Who is accepting an invitation, noted on the item that its workspace lists. */
export interface InvitationClaim {
  readonly userId: string;
  readonly eventId: string;
}

/** An invitation as stored, and who has claimed it. */
export interface StoredInvitation {
  readonly invitation: Invitation;
  readonly claim: InvitationClaim | undefined;
}

const invitationItem = v.object({
  id: v.string(),
  workspace: v.string(),
  email: v.string(),
  role: storedRole,
  invitedBy: storedText,
  createdAt: v.number(),
  expiresAt: v.number(),
  claim: v.optional(v.object({ userId: v.string(), eventId: v.string() })),
});

export function readInvitation(item: Document): StoredInvitation {
  const { claim, ...invitation } = parseItem(invitationItem, item, 'invitation');
  return { invitation, claim };
}

/** The two items of an invitation. DynamoDB deletes them some time after the invitation has expired. */
export function invitationItems(invitation: Invitation) {
  const { id, workspace, email, expiresAt: deleteAt } = invitation;
  return {
    listed: { ...invitationKey(workspace, id), ...invitation, deleteAt },
    addressed: { ...addressInvitationKey(email, workspace), ...invitation, deleteAt },
  };
}

/**
 * The parts of a transaction that remove an invitation. The addressee's item stays if it is of a newer invitation.
 * @param eventId of the claim that the invitation must have; `undefined` for an invitation that nobody may have claimed.
 */
export function deleteInvitationParts(
  table: string,
  { id, workspace, email }: Invitation,
  eventId: string | undefined,
): { readonly listed: TransactionItem; readonly addressed: TransactionItem } {
  const condition =
    eventId === undefined
      ? { ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(claim)' }
      : {
          ConditionExpression: 'claim.eventId = :eventId',
          ExpressionAttributeValues: { ':eventId': eventId },
        };
  return {
    listed: { Delete: { TableName: table, Key: invitationKey(workspace, id), ...condition } },
    addressed: {
      Delete: {
        TableName: table,
        Key: addressInvitationKey(email, workspace),
        ConditionExpression: 'attribute_not_exists(pk) OR id = :id',
        ExpressionAttributeValues: { ':id': id },
      },
    },
  };
}
