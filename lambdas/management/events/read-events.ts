import { isSlug } from '../../../core/access/identity.ts';
import { type AuditEvent, ownLogOf } from '../../../core/audit/audit-event.ts';
import type { EventStore } from '../../../core/audit/event-store.ts';
import { mayReadEvents } from '../../../core/management/permission.ts';
import { MY_EVENTS } from '../../../core/management/route.ts';
import type { Answer, ManagementCall, Operation } from '../http/operation.ts';
import { cursorTo } from '../http/page.ts';
import { assertPermitted } from '../http/refusal.ts';
import { timeView } from '../http/view.ts';
import { resolveWorkspaceCall, type WorkspaceOptions } from '../workspaces/resolve-caller.ts';
import { readEventPage } from './event-page.ts';

export interface ReadEventsOptions extends WorkspaceOptions {
  readonly events: Pick<EventStore, 'list'>;
}

/** Shows the log of the workspace in the path; on `/v1/me/events` the caller's own log, which belongs to no workspace. */
export function readEventsOperation(options: ReadEventsOptions): Operation {
  const readWorkspaceLog = resolveWorkspaceCall(options, async (call) => {
    assertPermitted(mayReadEvents(call.caller));
    return listEvents(options, call, call.workspace.slug);
  });
  return async (call) => {
    if (call.event.resource === MY_EVENTS) return listEvents(options, call, ownLogOf(call.caller));
    return readWorkspaceLog(call);
  };
}

async function listEvents(
  { profile, events }: ReadEventsOptions,
  { event, now }: ManagementCall,
  log: string,
): Promise<Answer> {
  const page = await events.list({ log, ...readEventPage(event, profile), now });
  const shown = page.events.map(eventView);
  return { status: 200, body: { events: shown, next_cursor: cursorTo(page.next) } };
}

/**
 * An event as the API shows it. `workspace` is `null` in a log that belongs to no workspace. `action` and `code` are `null`
 * where nothing was refused.
 */
function eventView(event: AuditEvent) {
  const { id, at, type, actor, sourceAddress, workspace, keyId, outcome } = event;
  return {
    id,
    at: timeView(at),
    type,
    actor: { kind: actor.kind, credential_id: actor.credentialId, user: actor.user },
    source_address: sourceAddress,
    workspace: isSlug(workspace) ? workspace : null,
    key_id: keyId,
    user_id: event.userId ?? null,
    invitation_id: event.invitationId ?? null,
    before: event.before ?? null,
    after: event.after ?? null,
    outcome,
    action: event.outcome === 'refused' ? event.action : null,
    code: event.outcome === 'refused' ? event.code : null,
  };
}
