/** @see RFC 7636: what the page keeps, and what it tells the issuer of it. */
export interface Proof {
  readonly verifier: string;
  readonly challenge: string;
}

export async function makeProof(): Promise<Proof> {
  const verifier = drawToken();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: encode(new Uint8Array(digest)) };
}

/** 256 random bits in base64url. */
export function drawToken(): string {
  return encode(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * The claims of an ID token. Its signature needs no check here: the page got it from the issuer itself, over TLS.
 * @see OpenID Connect Core 1.0, 3.1.3.7, point 6.
 */
export function readClaims(idToken: string): Readonly<Record<string, unknown>> {
  const payload = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>;
}

function encode(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
