import { type Client, KeywardError } from '../../client/index.ts';
import { SignInRefused } from './issuer.ts';
import { takePlace } from './kept-sign-in.ts';

export type Caller = Awaited<ReturnType<Client['caller']>>;
export type StartedSession = Awaited<ReturnType<Client['sessions']['exchange']>>;

/** What waits for an answer of the person: a code, or the session that it has become. */
export type Link =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'session'; readonly session: string };

/** Whether a link leads to where the tab's present session is: the product has sent the same person again. */
export function isSameSession(caller: Caller | undefined, { user_id, workspace }: StartedSession): boolean {
  if (caller === undefined || !('session' in caller)) return false;
  return caller.user === user_id && caller.session?.workspace === workspace;
}

/** The code in a link that the product has made. */
export function readCode(): string | undefined {
  return /^#session=([\w.~-]+)$/.exec(window.location.hash)?.[1];
}

/** The fragment of the view that an address leads to. */
export function placeOf(address: string): string {
  const { hash } = new URL(address);
  return hash.startsWith('#/') ? hash : '#/';
}

export function replaceFragment(fragment: string): void {
  window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}${fragment}`);
}

/**
 * Makes a session of a code. The address then leads to where the tab's last session has ended.
 * @throws {SignInRefused} where the link cannot be used any more.
 */
export async function exchangeCode(
  code: string,
  { client, product }: { readonly client: Client; readonly product: string },
): Promise<StartedSession> {
  try {
    const started = await client.sessions.exchange({ code });
    const { workspace } = started;
    const place = takePlace();
    replaceFragment(place?.startsWith(`#/${workspace}/`) ? place : `#/${workspace}/keys`);
    return started;
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    throw new SignInRefused(
      `This link has been used or is too old. It works once, within 60 seconds. Open the page again from ${product}.`,
    );
  }
}

/** Whether the API takes a credential no longer. */
export function isUnauthorized(fault: unknown): boolean {
  return fault instanceof KeywardError && fault.status === 401;
}

/** Whether the API has refused a code for good. After other faults the code may be tried again. */
function isRefusal(fault: unknown): boolean {
  const { status = null } = fault instanceof KeywardError ? fault : {};
  return status !== null && status >= 400 && status < 500 && status !== 429;
}
