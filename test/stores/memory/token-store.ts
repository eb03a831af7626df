import {
  isExpired,
  MOST_TOKEN_WORKSPACES,
  type PersonalAccessToken,
  tokenStatusOf,
} from '../../../core/credential/credential.ts';
import type { IssueTokenOutcome, TokenStore } from '../../../core/management/token-store.ts';
import { isTaken, writeRequest } from './request-store.ts';
import { type MemoryWorld, pageOf, writeEvent } from './world.ts';

const MOST_TOKENS = 500;

/** Personal access tokens in memory. It keeps the contract of the port. */
export function memoryTokenStore(world: MemoryWorld): TokenStore {
  return {
    async issue({ token, request, event }) {
      const refusal = whyNotIssued(world, token);
      if (refusal !== undefined) return { kind: refusal };
      if (isTaken(world, request)) return { kind: 'request_taken' };
      world.tokens.set(token.id, token);
      writeEvent(world, event);
      writeRequest(world, request, { madeId: token.id, eventId: event.id });
      return { kind: 'issued' };
    },
    async list({ userId, limit, after, status, now }) {
      const own = tokensOf(world, userId);
      if (own.length === 0 && after === undefined && slugsOf(world, userId).length === 0)
        return { kind: 'unknown_user' };
      const wanted = own.filter((token) => status === undefined || tokenStatusOf(token, now) === status);
      const { found, next } = pageOf(wanted, ({ id }) => id, { limit, after, order: 'descending' });
      return { kind: 'listed', tokens: found, next };
    },
    async revoke({ userId, id, now, event }) {
      const token = world.tokens.get(id);
      if (token?.userId !== userId) return { kind: 'not_found' };
      if (token.revokedAt !== null) return { kind: 'revoked', token };
      const before = { status: tokenStatusOf(token, now) };
      const revoked = { ...token, revokedAt: now };
      world.tokens.set(id, revoked);
      writeEvent(world, { ...event, before, after: { status: 'revoked' } });
      return { kind: 'revoked', token: revoked };
    },
  };
}

function whyNotIssued(
  world: MemoryWorld,
  { userId, workspaces, createdAt }: PersonalAccessToken,
): Exclude<IssueTokenOutcome['kind'], 'issued'> | undefined {
  const slugs = slugsOf(world, userId);
  const wasMember = [...world.members.values()].some((record) => record.userId === userId);
  if (workspaces === null ? slugs.length === 0 : !wasMember) return 'no_member';
  if (workspaces?.some((slug) => !slugs.includes(slug))) return 'not_in_workspace';
  if (workspaces === null && slugs.length > MOST_TOKEN_WORKSPACES) return 'too_many_workspaces';
  const active = tokensOf(world, userId).filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && !isExpired(expiresAt, createdAt),
  );
  return active.length >= MOST_TOKENS ? 'too_many_tokens' : undefined;
}

function tokensOf({ tokens }: MemoryWorld, userId: string): PersonalAccessToken[] {
  return [...tokens.values()].filter((token) => token.userId === userId);
}

/** The workspaces that a user is in, in the order of their slugs. */
export function slugsOf({ members }: MemoryWorld, userId: string): string[] {
  return [...members.values()]
    .filter((record) => record.userId === userId && record.member !== null)
    .map(({ workspace }) => workspace)
    .sort();
}
