import * as v from 'valibot';
import { canNameUser } from '../../../core/access/identity.ts';
import { type ChangedFields, userLog } from '../../../core/audit/audit-event.ts';
import { type PersonalAccessToken, tokenStatusOf } from '../../../core/credential/credential.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { TokenStore } from '../../../core/management/token-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { forbidden } from '../../http/problem.ts';
import type { TokenAnswer, TokensAnswer } from '../answers/credential-answers.ts';
import { invalidUserId, userIdField } from '../http/field.ts';
import {
  type Answer,
  type Ids,
  type ManagementCall,
  makeChangeEvent,
  type Operation,
  pathParameter,
} from '../http/operation.ts';
import { cursorTo, readCredentialPage } from '../http/page.ts';
import { noSuch } from '../http/refusal.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { scopesView, timeView } from '../http/view.ts';

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
    const body: TokensAnswer = { tokens: shown, next_cursor: cursorTo(next) };
    return { status: 200, body };
  };
}

export interface RevokeTokenOptions {
  readonly tokens: Pick<TokenStore, 'revoke'>;
  readonly ids: Ids;
}

export const revokeBody = v.strictObject({});

export function revokeTokenOperation(options: RevokeTokenOptions): Operation {
  return async (call) => {
    readOptionalBody(call.event, revokeBody);
    return revokeTokenOf(options, call, { userId: tokenUserOf(call), id: tokenIdOf(call) });
  };
}

/**
 * Revokes a user's token for good, in every workspace at once, and shows it.
 * @throws {ProblemError} 404 where the user has no such token.
 */
export async function revokeTokenOf(
  { tokens, ids }: RevokeTokenOptions,
  call: ManagementCall,
  { userId, id }: { readonly userId: string; readonly id: string },
): Promise<Answer> {
  const outcome = await tokens.revoke({
    userId,
    id,
    now: call.now,
    event: makeChangeEvent(call, { ids, type: 'token.revoked', workspace: userLog(userId), keyId: id }),
  });
  if (outcome.kind === 'not_found') throw noSuch('token');
  return { status: 200, body: tokenView(outcome.token, call.now) };
}

/** On these routes a call is about its own caller. */
const ME = '/v1/me/';

/**
 * The user whose tokens a call is about: the caller, or the user whom an operator names.
 * @throws {ProblemError} 403 on the routes under `/v1/me` for a caller who is not a user, such as a management key. 404 for a
 * text that cannot be a user's id.
 */
function tokenUserOf(call: ManagementCall): string {
  const user = namedUser(call);
  if (!canNameUser(user)) throw noSuch('user');
  return user;
}

/**
 * As {@link tokenUserOf}, for a user who is to get a token.
 * @throws {ProblemError} 403, or 400 for a text that cannot be a user's id.
 */
export function newHolderOf(call: ManagementCall, profile: Profile): string {
  const user = namedUser(call);
  if (!v.is(userIdField(profile), user)) throw invalidUserId();
  return user;
}

function namedUser(call: ManagementCall): string {
  if (!call.event.resource.startsWith(ME)) return pathParameter(call, 'user_id');
  if (call.caller.kind !== 'signed_in')
    throw forbidden('Only somebody who has signed in has tokens of their own.');
  return call.caller.user;
}

/** @throws {ProblemError} 404 for a text that cannot be a token's id. It is not looked up. */
function tokenIdOf(call: ManagementCall): string {
  const id = pathParameter(call, 'token');
  if (!isIdentifier('pat', id)) throw noSuch('token');
  return id;
}

/**
 * A token as the API shows it. `role` is the highest role that the token acts with; its user's role in a workspace may be
 * lower. `workspaces` is `null` for all that its user is in.
 */
export function tokenView(token: PersonalAccessToken, now: number): TokenAnswer {
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
