import { ownLogOf } from '../../../core/audit/audit-event.ts';
import { mayReadEvents } from '../../../core/management/permission.ts';
import { MY_EVENTS } from '../../../core/management/route.ts';
import { type ManagementCall, managementHandler } from '../http/management-handler.ts';
import { cursorTo } from '../http/page.ts';
import { eventStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace, assertPermitted } from '../workspaces/addressed.ts';
import { readEventPage } from './event-page.ts';
import { eventView } from './event-view.ts';

export const handler = managementHandler(async (call) => {
  const log = await addressedLog(call);
  const { events, next } = await eventStore.list({ log, ...readEventPage(call.event), now: call.now });
  return { status: 200, body: { events: events.map(eventView), next_cursor: cursorTo(next) } };
});

/** A workspace's log, or what stands in no workspace's: one's own. */
async function addressedLog(call: ManagementCall): Promise<string> {
  if (call.event.resource === MY_EVENTS) return ownLogOf(call.caller);
  const { workspace, caller } = await addressedWorkspace(workspaceStore, call);
  assertPermitted(mayReadEvents(caller));
  return workspace.slug;
}
