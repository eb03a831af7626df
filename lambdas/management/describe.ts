import { profile } from '../profile.ts';
import { callerView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';

/** Who am I, and which scopes are there: answered from the request and the profile, without a store. */
export const handler = managementHandler(async ({ event, caller }) => {
  if (event.resource === '/v1/me') return { status: 200, body: callerView(caller) };
  const scopes = (profile.scopes?.definitions ?? []).map(({ name, description, implies }) => ({
    name,
    description,
    implies,
  }));
  return { status: 200, body: { scopes } };
});
