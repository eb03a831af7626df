import type { Verdict, Verdicts, Verification } from './api.ts';
import { type CallOptions, methodsOf } from './operation.ts';
import { type ClientOptions, connectionOf } from './options.ts';
import { everyItem } from './pages.ts';

export type Client = ReturnType<typeof createClient>;

type OneVerification = Extract<Verification, { readonly credential: string }>;
type ManyVerifications = Exclude<Verification, OneVerification>;
/** The operation answers in the shape of the question. */
type Verify<Question, Answer> = (fields: Question, options?: CallOptions) => Promise<Answer>;

/**
 * Makes a client of the management API. Each method takes one object: the parameters and the fields of its operation, by their
 * names in the description of the API.
 * @throws {TypeError} for options that no call could work with.
 * @see docs/client.md
 */
export function createClient(options: ClientOptions) {
  const define = methodsOf(connectionOf(options));
  const verify = define('POST /v1/keys/verify');
  const listKeys = define('GET /v1/workspaces/{workspace}/keys');
  const listMembers = define('GET /v1/workspaces/{workspace}/members');
  const listInvitations = define('GET /v1/workspaces/{workspace}/invitations');
  const listEvents = define('GET /v1/workspaces/{workspace}/events');
  const listMyEvents = define('GET /v1/me/events');
  const listMyTokens = define('GET /v1/me/tokens');
  const listUserTokens = define('GET /v1/users/{user_id}/tokens');
  return {
    keys: {
      /** The answer shows the secret. No later answer does. */
      issue: define('POST /v1/workspaces/{workspace}/keys'),
      /** With a management key: takes keys of another system by their hashes. */
      import: define('POST /v1/workspaces/{workspace}/keys/import'),
      /** One page, newest first. */
      list: listKeys,
      listAll: everyItem(listKeys, 'keys'),
      get: define('GET /v1/workspaces/{workspace}/keys/{key}'),
      /** A field that is not named stays as it is. */
      update: define('PATCH /v1/workspaces/{workspace}/keys/{key}'),
      /** For good. Revoking it again answers the same. */
      revoke: define('POST /v1/workspaces/{workspace}/keys/{key}/revoke'),
      /** Ends the keys that meet a filter, or shows them. Look at `counts.failed`, and go on with `next_cursor`. */
      revokeMany: define('POST /v1/workspaces/{workspace}/keys/revoke'),
      /** Gives the key a new secret. The older one works on for `overlap_seconds`. */
      rotate: define('POST /v1/workspaces/{workspace}/keys/{key}/rotate'),
      /** Ends the older secret of a rotated key at once. The newest one works on. */
      revokePreviousSecret: define('POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke'),
      /** Revokes the key or the token that the client itself has. */
      revokeSelf: define('POST /v1/keys/self/revoke'),
      /** With a management key: is a credential in force, and what may it do? */
      verify: verify as Verify<OneVerification, Verdict>,
      /** As `verify`, for up to 100 credentials. `results` has their order. */
      verifyMany: verify as Verify<ManyVerifications, Verdicts>,
    },
    /** Where the product has personal access tokens. The methods ending in `For` are for a management key. */
    tokens: {
      /** The answer shows the secret. No later answer does. */
      issue: define('POST /v1/me/tokens'),
      list: listMyTokens,
      listAll: everyItem(listMyTokens, 'tokens'),
      revoke: define('POST /v1/me/tokens/{token}/revoke'),
      issueFor: define('POST /v1/users/{user_id}/tokens'),
      listFor: listUserTokens,
      listAllFor: everyItem(listUserTokens, 'tokens'),
      revokeFor: define('POST /v1/users/{user_id}/tokens/{token}/revoke'),
    },
    workspaces: {
      create: define('POST /v1/workspaces'),
      get: define('GET /v1/workspaces/{workspace}'),
      update: define('PATCH /v1/workspaces/{workspace}'),
    },
    members: {
      list: listMembers,
      listAll: everyItem(listMembers, 'members'),
      /** Changes a role, or adds a member. */
      put: define('PUT /v1/workspaces/{workspace}/members/{user_id}'),
      remove: define('DELETE /v1/workspaces/{workspace}/members/{user_id}'),
    },
    invitations: {
      create: define('POST /v1/workspaces/{workspace}/invitations'),
      list: listInvitations,
      listAll: everyItem(listInvitations, 'invitations'),
      revoke: define('DELETE /v1/workspaces/{workspace}/invitations/{invitation}'),
    },
    /** A session is one user of the product in one workspace, for whom the product's back end vouches. */
    sessions: {
      /** With a management key: makes a link that signs the user in. It works once, within a minute. */
      create: define('POST /v1/sessions'),
      /** With a management key: ends all sessions of a user, and links that nobody has opened. */
      revoke: define('POST /v1/sessions/revoke'),
      /** Turns the code in a link into a session. It sends no credential: the code is the proof. */
      exchange: define('POST /v1/sessions/exchange'),
      /** Ends the session that the client itself has. */
      revokeSelf: define('POST /v1/sessions/self/revoke'),
    },
    events: {
      /** One page of the log of a workspace, newest first. */
      list: listEvents,
      listAll: everyItem(listEvents, 'events'),
      /** The caller's own events, which belong to no workspace. */
      listMine: listMyEvents,
      listAllMine: everyItem(listMyEvents, 'events'),
    },
    /** Who the caller is. */
    caller: define('GET /v1/me'),
    /** The scopes of the product, with what they are for. */
    scopes: define('GET /v1/scopes'),
  };
}
