import * as v from 'valibot';
import { userLog } from '../../core/audit-event.ts';
import type { PersonalAccessToken } from '../../core/personal-access-token.ts';
import { newId } from '../environment.ts';
import { conflict, notFound } from '../http/problem.ts';
import { profile } from '../profile.ts';
import { addressedHolder } from './addressed-user.ts';
import { issuedTokenShown } from './changed-fields.ts';
import { newTokenSecret } from './drawn-secret.ts';
import { expiry, name, role, scopes } from './field.ts';
import { tokenView } from './key-view.ts';
import { auditEvent, managementHandler } from './management-handler.ts';
import { readBody } from './request-body.ts';
import { tokenStore } from './stores.ts';

/**
 * Issues a token for its user alone: by themselves, or by the operator. Any scope of the profile may be asked for and any
 * ceiling: what the token can do is bounded whenever it is used, by what its user is in that workspace at that moment, so
 * there is nothing here that it could be given too much of.
 */
export const handler = managementHandler(async (call) => {
  const { personalAccessTokens: tokens } = profile;
  if (tokens === undefined) throw notFound();
  const userId = addressedHolder(call);
  const body = readBody(call.event, issueBody(call.now));
  const { text, secret } = await newTokenSecret(tokens);
  const token: PersonalAccessToken = {
    id: newId('pat'),
    userId,
    name: body.name,
    start: secret.start,
    scopes: body.scopes ?? 'all',
    ceiling: body.role ?? 'owner',
    createdAt: call.now,
    expiresAt: body.expires_at ?? null,
    lastUsedAt: null,
    revokedAt: null,
  };
  const outcome = await tokenStore.issue({
    token,
    secret,
    event: auditEvent(call, 'token.issued', {
      ...{ workspace: userLog(userId), keyId: token.id },
      after: issuedTokenShown(token),
    }),
  });
  if (outcome === 'no_member') throw notFound();
  if (outcome === 'too_many_workspaces')
    throw conflict('too_many_workspaces', 'The user is in more workspaces than a token can be made for.');
  if (outcome === 'too_many_tokens')
    throw conflict('token_limit_reached', 'The user has too many tokens. Revoke one to issue another.');
  return { status: 201, body: { token: tokenView(token, call.now), secret: text } };
});

function issueBody(now: number) {
  return v.strictObject({
    name,
    scopes: profile.issuing.requiresScopes ? scopes(profile) : v.optional(scopes(profile)),
    role: v.optional(role),
    expires_at: v.optional(expiry(now)),
  });
}
