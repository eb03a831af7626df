import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { close, listen } from '../../../local/listening.ts';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function newKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

export const encodePart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signedToken(claims: object, key: SigningKey, header: object = {}): string {
  const text = [{ alg: 'RS256', kid: key.kid, ...header }, claims].map(encodePart).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`;
}

/** What a verifier that trusts the header's algorithm would take: the public key, used as a shared secret. */
export function hmacToken(claims: object, { kid, publicKey }: SigningKey): string {
  const text = [{ alg: 'HS256', kid }, claims].map(encodePart).join('.');
  const secret = publicKey.export({ type: 'spki', format: 'pem' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export function unsignedToken(claims: object, kid: string, signature = ''): string {
  return `${[{ alg: 'none', kid }, claims].map(encodePart).join('.')}.${signature}`;
}

export interface KeyServer {
  readonly jwksUri: string;
  /** How often the keys were asked for. */
  asked(): number;
  /** What it answers from now on. */
  serve(answer: { readonly status: number; readonly body: string } | readonly SigningKey[]): void;
  /** Answers the next request only when what it returns is called. */
  holdBack(): () => void;
  stop(): Promise<void>;
}

/** Serves public keys as an issuer does. */
export async function startKeyServer(keys: readonly SigningKey[]): Promise<KeyServer> {
  let count = 0;
  let answer = callerContextOf(keys);
  let held: Promise<void> | undefined;
  const server = createServer(async (_, outgoing) => {
    count += 1;
    await held;
    outgoing.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
  });
  const url = await listen(server, 0);
  return {
    jwksUri: `${url}/.well-known/jwks.json`,
    asked: () => count,
    serve(next) {
      answer = 'status' in next ? next : callerContextOf(next);
    },
    holdBack() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    stop: () => close(server),
  };
}

function callerContextOf(keys: readonly SigningKey[]) {
  const jwks = keys.map(({ kid, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
    use: 'sig',
  }));
  return { status: 200, body: JSON.stringify({ keys: jwks }) };
}
