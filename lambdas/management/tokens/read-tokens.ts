import type { ChangedFields } from '../../../core/audit/audit-event.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { type PersonalAccessToken, tokenStatusOf } from '../../../core/credential/personal-access-token.ts';
import type { TokenStore } from '../../../core/management/token-store.ts';
import type { Operation } from '../http/operation.ts';
import { cursorTo, readCredentialPage } from '../http/page.ts';
import { noSuch } from '../http/refusal.ts';
import { scopesView, timeView } from '../http/view.ts';
import { tokenUserOf } from './token-holder.ts';

/**
 * Lists a user's tokens. An operator gets 404 for a user who has no tokens and is in no workspace; that user themselves gets
 * an empty list.
 */
export function readTokensOperation({ tokens }: { readonly tokens: Pick<TokenStore, 'list'> }): Operation {
  return async (call) => {
    const userId = tokenUserOf(call);
    const { event, caller, now } = call;
    const asked = readCredentialPage(event, (id) => isIdentifier('pat', id));
    const page = await tokens.list({ userId, ...asked, now });
    if (page.kind === 'unknown_user' && caller.kind !== 'signed_in') throw noSuch('user');
    const { tokens: found, next } = page.kind === 'listed' ? page : { tokens: [], next: null };
    const shown = found.map((token) => tokenView(token, now));
    return { status: 200, body: { tokens: shown, next_cursor: cursorTo(next) } };
  };
}

/**
 * A token as the API shows it. `role` is the highest role that the token acts with; its user's role in a workspace may be
 * lower. `workspaces` is `null` for all that its user is in.
 */
export function tokenView(token: PersonalAccessToken, now: number) {
  return {
    id: token.id,
    kind: 'personal_access_token',
    user: token.userId,
    name: token.name,
    start: token.start,
    scopes: scopesView(token.scopes),
    role: token.ceiling,
    workspaces: token.workspaces,
    status: tokenStatusOf(token, now),
    created_at: timeView(token.createdAt),
    expires_at: timeView(token.expiresAt),
    last_used_at: timeView(token.lastUsedAt),
    revoked_at: timeView(token.revokedAt),
  };
}

/** What a token was issued with, as its audit event shows it. */
export function issuedTokenView(token: PersonalAccessToken): ChangedFields {
  const { start, name, scopes, ceiling, workspaces, expiresAt } = token;
  return {
    start,
    name,
    scopes: scopesView(scopes),
    role: ceiling,
    ...(workspaces !== null && { workspaces }),
    expires_at: timeView(expiresAt),
  };
}
