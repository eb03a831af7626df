import { type Client, createClient } from '../../client/index.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { ServerClock } from './server-clock.ts';

/** The client of the management API, for whoever is signed in. */
export type Api = Client;

/** A person waits, so a call is not tried for long. */
const ATTEMPTS = 3;

export interface ApiOptions {
  /** Empty where the page stands on the origin of the API. */
  readonly url: string;
  readonly signIn: SignIn;
  /** Learns from every answer. */
  readonly clock: ServerClock;
  /** Is told that the API has forbidden something: the person's role may have changed. */
  readonly onForbidden: () => void;
}

export function createApi({ url, signIn, clock, onForbidden }: ApiOptions): Api {
  return createClient({
    url: new URL(url, window.location.origin).href,
    credential: () => signIn.credential(),
    attempts: ATTEMPTS,
    fetch: async (address, init) => {
      const answer = await fetchSignedIn(address, init, signIn);
      clock.learn(answer.headers.get('Date'));
      if (answer.status === 403) onForbidden();
      return answer;
    },
  });
}

/** Sends a request once more with a new token where the API refuses the present one. A second refusal ends the sign-in. */
async function fetchSignedIn(address: string, init: RequestInit, signIn: SignIn): Promise<Response> {
  const refused = await fetch(address, init);
  if (refused.status !== 401) return refused;
  const credential = await signIn.renew().catch(() => undefined);
  if (credential === undefined) return refused;
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${credential}`);
  const answer = await fetch(address, { ...init, headers });
  if (answer.status === 401) signIn.end();
  return answer;
}
