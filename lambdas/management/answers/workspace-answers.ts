import * as v from 'valibot';
import { ROLES } from '../../../core/access/role.ts';
import { ACTOR_KINDS, EVENT_TYPES, OUTCOMES } from '../../../core/audit/audit-event.ts';
import { described, limitShape, listOf, pageOf, timeShape } from './answer-field.ts';

/** The answers of the operations on workspaces: their members, invitations and events. */

const role = v.picklist(ROLES);

export type WorkspaceAnswer = v.InferOutput<typeof workspaceAnswer>;
export const workspaceAnswer = v.strictObject({
  slug: v.string(),
  name: v.string(),
  plan: described(v.nullable(v.string()), '`null` if there are no plans.'),
  created_at: timeShape,
});

export type MemberAnswer = v.InferOutput<typeof memberAnswer>;
export const memberAnswer = v.strictObject({
  user_id: v.string(),
  name: described(
    v.nullable(v.string()),
    'What the workspace calls them. It is no proof of who they are: others may have the same name. `null` where nobody has named them.',
  ),
  role: described(role, 'While it is being lowered, the lower one.'),
  created_at: timeShape,
});

export type MembersAnswer = v.InferOutput<typeof membersAnswer>;
export const membersAnswer = pageOf('members', memberAnswer);

export type RemovedMemberAnswer = v.InferOutput<typeof removedMemberAnswer>;
export const removedMemberAnswer = v.strictObject({
  user_id: v.string(),
  revoked: described(listOf(v.string()), 'The ids of the keys that ended with the membership.'),
  kept: described(listOf(v.string()), 'The ids of the keys that stay, because they belong to the workspace.'),
});

export type InvitationAnswer = v.InferOutput<typeof invitationAnswer>;
export const invitationAnswer = v.strictObject({
  id: described(v.string(), 'Begins with `inv_`.'),
  workspace: v.string(),
  email: v.string(),
  role,
  invited_by: described(v.nullable(v.string()), '`null` if the operator invited.'),
  created_at: timeShape,
  expires_at: timeShape,
});

export type InvitationsAnswer = v.InferOutput<typeof invitationsAnswer>;
export const invitationsAnswer = pageOf('invitations', invitationAnswer);

const changedFields = described(
  v.nullable(
    v.record(
      v.string(),
      v.union([v.string(), v.number(), v.boolean(), v.null(), listOf(v.string()), limitShape]),
    ),
  ),
  'Fields that were changed, by their names.',
);

export type EventAnswer = v.InferOutput<typeof eventAnswer>;
export const eventAnswer = v.strictObject({
  id: described(v.string(), 'Begins with `evt_`.'),
  at: timeShape,
  type: v.picklist(EVENT_TYPES),
  actor: v.strictObject({
    kind: v.picklist(ACTOR_KINDS),
    credential_id: v.nullable(v.string()),
    user: v.nullable(v.string()),
  }),
  source_address: described(
    v.nullable(v.string()),
    'Where the request came from. `null` if there was no request of a caller.',
  ),
  workspace: described(v.nullable(v.string()), '`null` in a log that belongs to no workspace.'),
  key_id: described(v.nullable(v.string()), 'The key or the token that it was done to.'),
  user_id: described(v.nullable(v.string()), 'The member that it was done to.'),
  invitation_id: v.nullable(v.string()),
  before: changedFields,
  after: changedFields,
  outcome: v.picklist(OUTCOMES),
  action: described(v.nullable(v.string()), 'The refused route. `null` if nothing was refused.'),
  code: described(v.nullable(v.string()), 'The code of the refusal. `null` if nothing was refused.'),
});

export type EventsAnswer = v.InferOutput<typeof eventsAnswer>;
export const eventsAnswer = pageOf('events', eventAnswer);
