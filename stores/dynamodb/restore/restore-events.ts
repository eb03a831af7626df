import { OPERATOR_LOG, userLog } from '../../../core/audit/audit-event.ts';
import { statusOf } from '../../../core/credential/api-key.ts';
import { INVITATION_SECONDS } from '../../../core/management/invitation-store.ts';
import type { StoredChange } from '../audit/event-item.ts';
import { fieldsOf } from '../keys/key-item.ts';
import { copiedRole } from '../workspaces/member-item.ts';
import { CLOCK_MARGIN_SECONDS, type EventsSinceBackup } from './events-since-backup.ts';
import type { RestoreOptions } from './restore.ts';
import type { RestoredKey } from './restored-keys.ts';
import type { RestoredManagementKeys } from './restored-management-keys.ts';
import type { ChangedMember } from './restored-members.ts';
import type { RestoredRecords } from './restored-records.ts';

/** What was made since the copy, or while it was made, and is not put back. */
export interface Lost {
  readonly credentials: readonly StoredChange[];
  readonly invitations: readonly StoredChange[];
}

interface Told {
  readonly records: RestoredRecords;
  readonly managementKeys: Pick<RestoredManagementKeys, 'ended'>;
  readonly lost: Lost;
  readonly events: EventsSinceBackup;
}

interface Writing extends Pick<RestoreOptions, 'newEvent'> {
  /** Unix seconds. */
  readonly now: number;
}

/**
 * What the log is told of a restore: everything that is something else than in the copy, and the end of what is lost. Without
 * that, a newer copy that is put back later would revive what this one has taken.
 */
export function restoreEvents(
  { records, managementKeys, lost, events }: Told,
  writing: Writing,
): StoredChange[] {
  const { newEvent } = writing;
  return [
    ...[...records.keys.values()].flatMap((key) => keyEvents(key, writing)),
    ...[...records.tokens].flatMap(([keyId, { userId, isEnded }]) =>
      isEnded ? newEvent({ type: 'token.revoked', workspace: userLog(userId), keyId, ...ENDED }) : [],
    ),
    ...managementKeys.ended.map((keyId) =>
      newEvent({ type: 'management_key.revoked', workspace: OPERATOR_LOG, keyId, ...ENDED }),
    ),
    ...endOfLost(lost, events, writing),
    ...records.members.changed.map((one) => memberEvent(one, writing)),
    ...planEvents(records, writing),
  ];
}

const REVOKED = { status: 'revoked' } as const;
const ENDED = { before: { status: 'active' }, after: REVOKED } as const;

function keyEvents({ record, before, fate }: RestoredKey, { newEvent }: Writing): StoredChange[] {
  const { id, workspace, version, effectiveRateLimit } = record;
  if (fate === 'kept') return [];
  if (fate === 'ended') {
    const changed = { before: { status: statusOf(before, record.revokedAt ?? 0) }, after: REVOKED };
    return [{ ...newEvent({ type: 'key.revoked', workspace, keyId: id, ...changed }), effect: { version } }];
  }
  const changed = { before: { enabled: before.enabled }, after: { enabled: false } };
  const event = newEvent({ type: 'key.updated', workspace, keyId: id, ...changed });
  return [{ ...event, effect: { version, key: { fields: fieldsOf(record), effectiveRateLimit } } }];
}

function endOfLost(
  { credentials, invitations }: Lost,
  { revoked, closedInvitations }: EventsSinceBackup,
  { newEvent, now }: Writing,
): StoredChange[] {
  const ended = credentials.filter(({ keyId }) => !revoked.has(keyId ?? ''));
  const opened = now - INVITATION_SECONDS - CLOCK_MARGIN_SECONDS;
  const open = invitations.filter(
    ({ at, invitationId = '' }) => at > opened && !closedInvitations.has(invitationId),
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

const ENDS = {
  'key.issued': 'key.revoked',
  'token.issued': 'token.revoked',
  'management_key.issued': 'management_key.revoked',
} as const;

function memberEvent({ member, copied }: ChangedMember, { newEvent }: Writing): StoredChange {
  const { workspace, userId, version } = member;
  const role = copiedRole(member);
  const event = newEvent({
    ...{ type: role === 'none' ? 'member.removed' : 'member.role_changed', workspace, keyId: null, userId },
    ...{ before: { role: shown(copied) }, after: { role: shown(role) } },
  });
  return { ...event, effect: { version } };
}

const shown = (role: ReturnType<typeof copiedRole>) => (role === 'none' ? null : role);

function planEvents({ workspaces }: RestoredRecords, { newEvent }: Writing): StoredChange[] {
  return workspaces.replanned.map(({ workspace: { slug, plan, version }, before }) => {
    const limit = workspaces.planOf(slug)?.limit;
    const changed = { before: { plan: before }, after: { plan } };
    const event = newEvent({ type: 'workspace.updated', workspace: slug, keyId: null, ...changed });
    const known = limit === undefined || limit === 'unknown' ? {} : { planLimit: limit };
    return { ...event, effect: { version, ...known } };
  });
}
