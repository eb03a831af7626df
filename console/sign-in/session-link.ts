import { type Client, KeywardError } from '../../client/index.ts';
import { SignInRefused } from './issuer.ts';
import { takePlace } from './kept-sign-in.ts';

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
): Promise<string> {
  try {
    const { session, workspace } = await client.sessions.exchange({ code });
    const place = takePlace();
    replaceFragment(place?.startsWith(`#/${workspace}/`) ? place : '#/');
    return session;
  } catch (fault) {
    if (!isRefusal(fault)) throw fault;
    throw new SignInRefused(
      `This link has been used or is too old. It works once, within 60 seconds. Open the page again from ${product}.`,
    );
  }
}

/** Whether the API has refused a code for good. After other faults the code may be tried again. */
function isRefusal(fault: unknown): boolean {
  const { status = null } = fault instanceof KeywardError ? fault : {};
  return status !== null && status >= 400 && status < 500 && status !== 429;
}
