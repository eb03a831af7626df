import { type ChangeEvent, OPERATOR_LOG, userLog } from '../../../core/audit/audit-event.ts';
import { statusOf } from '../../../core/credential/credential.ts';
import { INVITATION_SECONDS } from '../../../core/management/invitation-store.ts';
import type { ChangeEffect, StoredChange } from '../audit/event-store.ts';
import { fieldsOf } from '../keys/key-item.ts';
import { copiedRole } from '../workspaces/member-item.ts';
import { CLOCK_MARGIN_SECONDS, type EventsSinceBackup } from './events-since-backup.ts';
import type { RestoredKey } from './restored-keys.ts';
import type { RestoredManagementKeys } from './restored-management-keys.ts';
import type { ChangedMember } from './restored-members.ts';
import type { RestoredRecords } from './restored-records.ts';

/** Makes an event of the operator, who restores. */
export type NewEvent = (
  subject: Pick<ChangeEvent, 'type' | 'workspace' | 'keyId' | 'userId' | 'invitationId' | 'before' | 'after'>,
) => ChangeEvent;

/** The events of what was made after the backup, or while it was made, and is not put back. */
export interface Lost {
  readonly credentials: readonly StoredChange[];
  readonly invitations: readonly StoredChange[];
}

interface Result {
  readonly records: RestoredRecords;
  readonly managementKeys: Pick<RestoredManagementKeys, 'ended'>;
  readonly lost: Lost;
  readonly events: EventsSinceBackup;
}

interface Writing {
  readonly newEvent: NewEvent;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Makes the events of a restore: one for everything that differs from the backup, and one for everything that is lost. Without
 * them, a newer backup that is restored later would revive what this restore has ended.
 */
export function restoreEvents(
  { records, managementKeys, lost, events }: Result,
  writing: Writing,
): StoredChange[] {
  const { newEvent } = writing;
  return [
    ...[...records.keys.values()].flatMap((key) => makeKeyEvents(key, writing)),
    ...[...records.tokens].flatMap(([keyId, { userId, isEnded }]) =>
      isEnded ? newEvent({ type: 'token.revoked', workspace: userLog(userId), keyId, ...ENDED }) : [],
    ),
    ...managementKeys.ended.map((keyId) =>
      newEvent({ type: 'management_key.revoked', workspace: OPERATOR_LOG, keyId, ...ENDED }),
    ),
    ...makeEndsOfLost(lost, events, writing),
    ...records.members.changed.map((one) => makeMemberEvent(one, writing)),
    ...makePlanEvents(records, writing),
  ];
}

const REVOKED = { status: 'revoked' } as const;
const ENDED = { before: { status: 'active' }, after: REVOKED } as const;

function makeKeyEvents({ record, before, fate }: RestoredKey, { newEvent }: Writing): StoredChange[] {
  const { id: keyId, workspace, version, effectiveRateLimit } = record;
  if (fate === 'kept') return [];
  if (fate === 'ended') {
    const status = statusOf(before, record.revokedAt ?? 0);
    const event = newEvent({ type: 'key.revoked', workspace, keyId, before: { status }, after: REVOKED });
    return [{ ...event, effect: { version } }];
  }
  const event = newEvent({
    type: 'key.updated',
    workspace,
    keyId,
    before: { enabled: before.enabled },
    after: { enabled: false },
  });
  return [{ ...event, effect: { version, key: { fields: fieldsOf(record), effectiveRateLimit } } }];
}

const ENDS = {
  'key.issued': 'key.revoked',
  'key.imported': 'key.revoked',
  'token.issued': 'token.revoked',
  'management_key.issued': 'management_key.revoked',
} as const;

/** Leaves out what the log has ended already, and invitations that have expired. */
function makeEndsOfLost(
  { credentials, invitations }: Lost,
  { revoked, closedInvitations }: EventsSinceBackup,
  { newEvent, now }: Writing,
): StoredChange[] {
  const ended = credentials.filter(({ keyId }) => !revoked.has(keyId ?? ''));
  const oldest = now - INVITATION_SECONDS - CLOCK_MARGIN_SECONDS;
  const open = invitations.filter(
    ({ at, invitationId = '' }) => at > oldest && !closedInvitations.has(invitationId),
  );
  return [
    ...ended.map(({ type, workspace, keyId }) =>
      newEvent({ type: ENDS[type as keyof typeof ENDS], workspace, keyId, ...ENDED }),
    ),
    ...open.map(({ workspace, invitationId = '' }) =>
      newEvent({ type: 'invitation.revoked', workspace, keyId: null, invitationId }),
    ),
  ];
}

function makeMemberEvent({ member, copied }: ChangedMember, { newEvent }: Writing): StoredChange {
  const { workspace, userId, version } = member;
  const role = copiedRole(member);
  const event = newEvent({
    type: role === 'none' ? 'member.removed' : 'member.role_changed',
    workspace,
    keyId: null,
    userId,
    before: { role: copied === 'none' ? null : copied },
    after: { role: role === 'none' ? null : role },
  });
  return { ...event, effect: { version } };
}

function makePlanEvents({ workspaces }: RestoredRecords, { newEvent }: Writing): StoredChange[] {
  return workspaces.replanned.map(({ workspace: { slug, plan, version }, before }) => {
    const event = newEvent({
      type: 'workspace.updated',
      workspace: slug,
      keyId: null,
      before: { plan: before },
      after: { plan },
    });
    const planLimit = workspaces.planOf(slug)?.limit;
    const effect: ChangeEffect =
      planLimit === undefined || planLimit === 'unknown' ? { version } : { version, planLimit };
    return { ...event, effect };
  });
}
