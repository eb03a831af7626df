import { createHash, randomBytes } from 'node:crypto';
import type { Person } from './person.ts';
import type { UserPoolClient } from './user-pool.ts';

/** Somebody who has signed in for a client, and what the client asked for. */
export interface Grant {
  readonly person: Person;
  readonly client: UserPoolClient;
  readonly scope: string;
  readonly nonce?: string | undefined;
}

interface CodeGrant extends Grant {
  readonly redirectUri: string;
  /** SHA-256 of the verifier that redeems the code, in base64url (RFC 7636). */
  readonly challenge: string;
}

const CODE_SECONDS = 300;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** Codes and refresh tokens that were given out, for as long as the run lasts. */
export class Grants {
  readonly #codes = new Map<string, CodeGrant & { endsAt: number }>();
  readonly #refreshTokens = new Map<string, Grant & { endsAt: number }>();

  issueCode(grant: CodeGrant): string {
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(code, { ...grant, endsAt: Date.now() + CODE_SECONDS * 1000 });
    return code;
  }

  /** A code works once, even when it was presented wrongly. */
  redeemCode(asked: { code: string; clientId: string; redirectUri: string; verifier: string }) {
    const grant = this.#codes.get(asked.code);
    this.#codes.delete(asked.code);
    if (grant === undefined || grant.endsAt <= Date.now()) return undefined;
    const isProven = VERIFIER.test(asked.verifier) && challengeOf(asked.verifier) === grant.challenge;
    const isSame = grant.client.clientId === asked.clientId && grant.redirectUri === asked.redirectUri;
    return isProven && isSame ? grant : undefined;
  }

  issueRefreshToken(grant: Grant): string {
    const token = randomBytes(32).toString('base64url');
    this.#refreshTokens.set(token, {
      ...grant,
      endsAt: Date.now() + grant.client.refreshTokenSeconds * 1000,
    });
    return token;
  }

  refresh(token: string, clientId: string): Grant | undefined {
    const grant = this.#refreshTokens.get(token);
    return grant?.client.clientId === clientId && grant.endsAt > Date.now() ? grant : undefined;
  }

  revoke(token: string): void {
    this.#refreshTokens.delete(token);
  }
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
