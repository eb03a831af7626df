import * as v from 'valibot';
import { isSlug } from '../../../core/access/identity.ts';
import { userLog } from '../../../core/audit/audit-event.ts';
import { MOST_TOKEN_WORKSPACES, type PersonalAccessToken } from '../../../core/credential/credential.ts';
import type { NewSecret } from '../../../core/credential/secret.ts';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import type { IssueTokenOutcome, TokenStore } from '../../../core/management/token-store.ts';
import type { Profile, TokenRules } from '../../../core/profile/profile.ts';
import { conflict, invalidRequest, notFoundToStranger } from '../../http/problem.ts';
import type { NewTokenAnswer } from '../answers/credential-answers.ts';
import { nameField, roleField, scopesField } from '../http/field.ts';
import { answerOnce, requestTakenError } from '../http/idempotency.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { expiryField } from '../http/time-field.ts';
import { issuedTokenView, newHolderOf, tokenView } from './tokens.ts';

export interface IssueTokenOptions {
  readonly profile: Profile;
  readonly tokens: Pick<TokenStore, 'issue'>;
  readonly requests: RequestStore;
  readonly ids: Ids;
  /** `text` is shown once and kept nowhere. */
  readonly drawSecret: (rules: TokenRules) => Promise<{ readonly text: string; readonly secret: NewSecret }>;
}

/**
 * Issues a token for its own user. The user asks for it, or the operator does. It may have any scope of the profile, and any role
 * as its ceiling: in a workspace the token can never do more than its user can there at that moment.
 */
export function issueTokenOperation(options: IssueTokenOptions): Operation {
  const { profile, tokens, ids, drawSecret } = options;
  const rules = profile.personalAccessTokens;
  return answerOnce(options, async (call) => {
    if (rules === undefined) throw notFoundToStranger();
    const userId = newHolderOf(call, profile);
    const body = readBody(call.event, issueBody(profile, call.now));
    const { text, secret } = await drawSecret(rules);
    const token: PersonalAccessToken = {
      id: ids.newId('pat'),
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
    const event = makeChangeEvent(call, {
      ids,
      type: 'token.issued',
      workspace: userLog(userId),
      keyId: token.id,
      after: issuedTokenView(token),
    });
    const outcome = await tokens.issue({ token, secret, request: call.request, event });
    if (outcome.kind !== 'issued') throw notIssued(outcome.kind);
    const shown: NewTokenAnswer = { token: tokenView(token, call.now), secret: text };
    return { status: 201, body: shown };
  });
}

function notIssued(kind: Exclude<IssueTokenOutcome['kind'], 'issued'>): Error {
  switch (kind) {
    case 'no_member':
      return noSuch('holder');
    case 'not_in_workspace':
      return invalidRequest('workspaces', WORKSPACES);
    case 'too_many_workspaces':
      return conflict('too_many_workspaces', TOO_MANY_WORKSPACES);
    case 'too_many_tokens':
      return conflict('token_limit_reached', 'The user has too many tokens. Revoke one to issue another.');
    case 'request_taken':
      return requestTakenError();
  }
}

const TOO_MANY_WORKSPACES = `The user is in more than ${MOST_TOKEN_WORKSPACES} workspaces. Name those that the token is for, up to ${MOST_TOKEN_WORKSPACES}, in workspaces.`;

const WORKSPACE = 'the slug of a workspace that the user is in';

/** The same for a workspace that does not exist and for one that the user is not in. */
const WORKSPACES = `a list of 1 to ${MOST_TOKEN_WORKSPACES} slugs, each of a workspace that the user is in, or null for all of them`;

const workspaces = v.pipe(
  v.array(v.pipe(v.string(WORKSPACE), v.check(isSlug, WORKSPACE)), WORKSPACES),
  v.transform((slugs) => [...new Set(slugs)]),
  v.check((slugs) => slugs.length > 0 && slugs.length <= MOST_TOKEN_WORKSPACES, WORKSPACES),
);

export function issueBody(profile: Profile, now: number) {
  return v.strictObject({
    name: nameField(profile),
    scopes: profile.issuing.requiresScopes ? scopesField(profile) : v.optional(scopesField(profile)),
    role: v.optional(roleField),
    workspaces: v.optional(v.nullable(workspaces)),
    expires_at: v.optional(expiryField(now)),
  });
}
