import { KeywardError } from '../../client/index.ts';

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

/** Whether the API has refused a code for good. After other faults the code may be tried again. */
export function isRefusal(fault: unknown): boolean {
  const { status = null } = fault instanceof KeywardError ? fault : {};
  return status !== null && status >= 400 && status < 500 && status !== 429;
}
