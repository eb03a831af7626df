import * as v from 'valibot';
import { isSlug } from '../../../core/access/identity.ts';
import { userLog } from '../../../core/audit/audit-event.ts';
import {
  MOST_TOKEN_WORKSPACES,
  type PersonalAccessToken,
} from '../../../core/credential/personal-access-token.ts';
import { newId } from '../../environment.ts';
import { conflict, invalidRequest, notFound } from '../../http/problem.ts';
import { profile } from '../../profile.ts';
import { expiry, name, role, scopes } from '../http/field.ts';
import { tokenView } from '../http/key-view.ts';
import { auditEvent, managementHandler } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { readBody } from '../http/request-body.ts';
import { issuedTokenShown } from '../keys/changed-fields.ts';
import { newTokenSecret } from '../keys/drawn-secret.ts';
import { tokenStore } from '../stores.ts';
import { addressedHolder } from './addressed-user.ts';

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
    workspaces: body.workspaces ?? null,
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
  if (outcome.kind === 'no_member') throw missingThing('holder');
  if (outcome.kind === 'not_in_workspace') throw invalidRequest('workspaces', WORKSPACES);
  if (outcome.kind === 'too_many_workspaces') {
    const detail = `The user is in more than ${MOST_TOKEN_WORKSPACES} workspaces. Name those that the token is for, up to ${MOST_TOKEN_WORKSPACES}, in workspaces.`;
    throw conflict('too_many_workspaces', detail);
  }
  if (outcome.kind === 'too_many_tokens')
    throw conflict('token_limit_reached', 'The user has too many tokens. Revoke one to issue another.');
  return { status: 201, body: { token: tokenView(token, call.now), secret: text } };
});

const WORKSPACE = 'the slug of a workspace that the user is in';

/** The same for a workspace that there is not and for one that its user is not in. */
const WORKSPACES = `a list of 1 to ${MOST_TOKEN_WORKSPACES} slugs, each of a workspace that the user is in, or null for all of them`;

const workspaces = v.pipe(
  v.array(v.pipe(v.string(WORKSPACE), v.check(isSlug, WORKSPACE)), WORKSPACES),
  v.transform((slugs) => [...new Set(slugs)]),
  v.check((slugs) => slugs.length > 0 && slugs.length <= MOST_TOKEN_WORKSPACES, WORKSPACES),
);

function issueBody(now: number) {
  return v.strictObject({
    name,
    scopes: profile.issuing.requiresScopes ? scopes(profile) : v.optional(scopes(profile)),
    role: v.optional(role),
    workspaces: v.optional(v.nullable(workspaces)),
    expires_at: v.optional(expiry(now)),
  });
}
