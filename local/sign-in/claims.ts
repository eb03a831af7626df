import { randomUUID } from 'node:crypto';
import type { Person } from './person.ts';

/**
 * Claims of Cognito's tokens that the library does not add by itself.
 * @see "Understanding the access token" and "Understanding the identity (ID) token", Amazon Cognito Developer Guide
 */
export function accessClaims({ userId }: Person) {
  return { token_use: 'access', username: userId, auth_time: nowSeconds(), event_id: randomUUID() };
}

export function identityClaims({ userId, email }: Person) {
  return {
    sub: userId,
    token_use: 'id',
    'cognito:username': userId,
    auth_time: nowSeconds(),
    jti: randomUUID(),
    event_id: randomUUID(),
    ...(email !== null && { email, email_verified: true }),
  };
}

/** Scope → the claims of the id token that it asks for. */
export const CLAIMS = {
  openid: ['sub', 'token_use', 'cognito:username', 'auth_time', 'jti', 'event_id'],
  email: ['email', 'email_verified'],
};

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
