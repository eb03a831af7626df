import { createHash, generateKeyPair, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Person } from './person.ts';
import type { UserPoolClient } from './user-pool.ts';

export interface TokenOrder {
  readonly person: Person;
  readonly client: UserPoolClient;
  /** Names of scopes with spaces between them. */
  readonly scope: string;
  readonly nonce?: string | undefined;
}

export interface MintedTokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * Signs tokens with the claims that Cognito's have, by a key that lives as long as the run.
 * @see "Understanding the access token" and "Understanding the identity (ID) token", Amazon Cognito Developer Guide
 */
export class TokenMint {
  readonly #issuerUrl: string;
  #key: Promise<Key> | undefined;

  constructor(issuerUrl: string) {
    this.#issuerUrl = issuerUrl;
  }

  async jwks(): Promise<object> {
    const { kid, publicKey } = await this.#signingKey();
    return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
  }

  async mint({ person, client, scope, nonce }: TokenOrder): Promise<MintedTokens> {
    const { userId: sub, email } = person;
    const now = Math.floor(Date.now() / 1000);
    const shared = { sub, iss: this.#issuerUrl, auth_time: now, iat: now, event_id: randomUUID() };
    const access = {
      ...shared,
      token_use: 'access',
      client_id: client.clientId,
      username: sub,
      scope,
      exp: now + client.accessTokenSeconds,
      jti: randomUUID(),
    };
    const identity = {
      ...shared,
      token_use: 'id',
      aud: client.clientId,
      'cognito:username': sub,
      ...(email !== null && { email, email_verified: true }),
      ...(nonce !== undefined && { nonce }),
      exp: now + client.idTokenSeconds,
      jti: randomUUID(),
    };
    return {
      access_token: await this.#signed(access),
      id_token: await this.#signed(identity),
      token_type: 'Bearer',
      expires_in: client.accessTokenSeconds,
    };
  }

  async #signed(claims: object): Promise<string> {
    const { kid, privateKey } = await this.#signingKey();
    const text = [{ alg: 'RS256', typ: 'JWT', kid }, claims].map(encode).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  }

  /** Made when it is first needed: most runs of the tests never sign anybody in. */
  #signingKey(): Promise<Key> {
    this.#key ??= makeKey();
    return this.#key;
  }
}

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  return { kid: createHash('sha256').update(bytes).digest('base64url'), privateKey, publicKey };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
