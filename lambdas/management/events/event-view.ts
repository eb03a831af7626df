import { isSlug } from '../../../core/access/identity.ts';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import { timeView } from '../http/key-view.ts';

/** How an event is shown: `workspace` is `null` in logs that are no workspace's, `action` and `code` where nothing was refused. */
export function eventView(event: AuditEvent) {
  const { id, at, type, actor, sourceAddress, workspace, keyId, outcome } = event;
  const { userId = null, invitationId = null, before = null, after = null } = event;
  return {
    id,
    at: timeView(at),
    type,
    actor: { kind: actor.kind, credential_id: actor.credentialId, user: actor.user },
    source_address: sourceAddress,
    workspace: isSlug(workspace) ? workspace : null,
    key_id: keyId,
    user_id: userId,
    invitation_id: invitationId,
    before,
    after,
    outcome,
    action: event.outcome === 'refused' ? event.action : null,
    code: event.outcome === 'refused' ? event.code : null,
  };
}
