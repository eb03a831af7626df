import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { isSlug } from '../../../core/access/identity.ts';
import { type AuditEvent, EVENT_TYPES, OUTCOMES, ownLogOf } from '../../../core/audit/audit-event.ts';
import type { EventFilter, EventStore } from '../../../core/audit/event-store.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { mayReadEvents } from '../../../core/management/permission.ts';
import { MY_EVENTS } from '../../../core/management/route-path.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { invalidRequest } from '../../http/problem.ts';
import type { EventAnswer, EventsAnswer } from '../answers/workspace-answers.ts';
import { choiceField, knownUserIdField } from '../http/field.ts';
import type { Answer, ManagementCall, Operation } from '../http/operation.ts';
import { assertParameters, cursorTo, type Page, pageAt, readFilter } from '../http/page.ts';
import { assertPermitted } from '../http/refusal.ts';
import { timeField } from '../http/time-field.ts';
import { timeView } from '../http/view.ts';
import { resolveWorkspaceCall, type WorkspaceOptions } from '../workspaces/resolve-caller.ts';

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
  const body: EventsAnswer = { events: shown, next_cursor: cursorTo(page.next) };
  return { status: 200, body };
}

const KEY_ID = 'the id of a key or of a token';
const ACTOR = 'the id of a credential or of a user';

export function eventFilters(profile: Profile) {
  const user = knownUserIdField(profile);
  return {
    type: choiceField(EVENT_TYPES),
    key_id: v.pipe(
      v.string(KEY_ID),
      v.check((id) => isIdentifier('key', id) || isIdentifier('pat', id), KEY_ID),
    ),
    actor: v.pipe(
      v.string(ACTOR),
      v.check((id) => v.is(user, id), ACTOR),
    ),
    outcome: choiceField(OUTCOMES),
    from: timeField,
    to: timeField,
  };
}

/**
 * Reads which page of an audit log a call asks for, and which events of it.
 * @throws {ProblemError} 400.
 */
export function readEventPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  profile: Profile,
): Page & { readonly filter: EventFilter } {
  const filters = eventFilters(profile);
  const { limit, cursor, type, key_id, actor, outcome, from, to, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', ...Object.keys(filters)]);
  const page = pageAt({ limit, cursor }, (id) => isIdentifier('evt', id));
  const filter: EventFilter = {
    type: readFilter('type', filters.type, type),
    keyId: readFilter('key_id', filters.key_id, key_id),
    actor: readFilter('actor', filters.actor, actor),
    outcome: readFilter('outcome', filters.outcome, outcome),
    from: readFilter('from', filters.from, from),
    to: readFilter('to', filters.to, to),
  };
  if (filter.from !== undefined && filter.to !== undefined && filter.to <= filter.from)
    throw invalidRequest('to', 'a time later than from');
  return { ...page, filter };
}

/**
 * An event as the API shows it. `workspace` is `null` in a log that belongs to no workspace. `action` and `code` are `null`
 * where nothing was refused.
 */
function eventView(event: AuditEvent): EventAnswer {
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
