import { profile } from '../../profile.ts';
import { answering } from '../http/management-call.ts';

/** Which scopes there are: answered from the profile, without a store. */
export const handler = answering(async () => {
  const scopes = (profile.scopes?.definitions ?? []).map(({ name, description, implies }) => ({
    name,
    description,
    implies,
  }));
  return { status: 200, body: { scopes } };
});
