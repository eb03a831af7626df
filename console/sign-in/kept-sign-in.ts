/**
 * What a tab keeps over a reload. `sessionStorage` belongs to one tab and one origin, and ends with the tab. Access tokens are
 * not here: they stay in memory. Where the browser refuses the storage, as some do in a frame of another site, memory holds the rest
 * too, and a reload signs out.
 */
export type KeptSignIn =
  | { readonly kind: 'refresh_token'; readonly token: string }
  /** A session that the product's back end has made. */
  | { readonly kind: 'session'; readonly token: string };

/** A sign-in on its way through the issuer's pages. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The fragment to come back to. */
  readonly place: string;
}

const KEPT = 'keyward.sign-in';
const PENDING = 'keyward.pending-sign-in';
const PLACE = 'keyward.place';

export function keepSignIn(kept: KeptSignIn | undefined): void {
  write(KEPT, kept);
}

export function readSignIn(): KeptSignIn | undefined {
  return read<KeptSignIn>(KEPT);
}

export function keepPending(pending: PendingSignIn): void {
  write(PENDING, pending);
}

/** Reads the sign-in that the page has begun, and forgets it: an answer to it counts once. */
export function takePending(): PendingSignIn | undefined {
  const pending = read<PendingSignIn>(PENDING);
  write(PENDING, undefined);
  return pending;
}

/** The fragment in which a session has ended: the next session of this tab begins there. */
export function keepPlace(place: string): void {
  write(PLACE, place);
}

export function takePlace(): string | undefined {
  const place = read<string>(PLACE);
  write(PLACE, undefined);
  return place;
}

/** What the storage did not take. */
const inMemory = new Map<string, string>();

function write(name: string, value: unknown): void {
  inMemory.delete(name);
  const text = value === undefined ? undefined : JSON.stringify(value);
  try {
    if (text === undefined) window.sessionStorage.removeItem(name);
    else window.sessionStorage.setItem(name, text);
  } catch {
    if (text !== undefined) inMemory.set(name, text);
  }
}

function read<T>(name: string): T | undefined {
  try {
    const text = inMemory.get(name) ?? window.sessionStorage.getItem(name) ?? 'null';
    return (JSON.parse(text) as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}
