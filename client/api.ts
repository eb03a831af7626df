/** `npm run api-client-types` writes this file, from the description of the management API. */

export type Workspace = {
  readonly slug: string;
  readonly name: string;
  /** `null` if there are no plans. */
  readonly plan: string | null;
  readonly created_at: string;
};

export type Member = {
  readonly user_id: string;
  /** What the workspace calls them. It is no proof of who they are: others may have the same name. `null` where nobody has named them. */
  readonly name: string | null;
  /** While it is being lowered, the lower one. */
  readonly role: 'owner' | 'admin' | 'member';
  readonly created_at: string;
};

export type Members = {
  readonly members: readonly Member[];
  /** Send it as `cursor` to get the next page. `null` on the last page. */
  readonly next_cursor: string | null;
};

export type RemovedMember = {
  readonly user_id: string;
  /** The ids of the keys that ended with the membership. */
  readonly revoked: readonly string[];
  /** The ids of the keys that stay, because they belong to the workspace. */
  readonly kept: readonly string[];
};

export type Key = {
  /** Begins with `key_`. */
  readonly id: string;
  readonly kind: 'api_key';
  /** The slug of its workspace. */
  readonly workspace: string;
  readonly name: string | null;
  readonly description: string | null;
  /** What another system calls the key. `null` if it has no such id. */
  readonly external_id: string | null;
  /** The beginning of the secret, which may be shown. */
  readonly start: string;
  /** Names of scopes. An empty list means every scope. */
  readonly scopes: readonly string[];
  /** The role that the key acts with. `null` if keys have no roles. */
  readonly role: 'owner' | 'admin' | 'member' | null;
  readonly status: 'active' | 'disabled' | 'expired' | 'revoked';
  readonly created_at: string;
  /** The id of the user in whose name it was issued. */
  readonly created_by: string | null;
  /** `null` if it does not expire. */
  readonly expires_at: string | null;
  /** `null` if it was never used. */
  readonly last_used_at: string | null;
  /** The secret that the last rotation replaced. `null` where none works any more. */
  readonly previous_secret: {
    /** When the rotation replaced it. `null` for a rotation from before the API told this. */
    readonly replaced_at: string | null;
    /** Until then it works beside the newer one. */
    readonly ends_at: string;
    /** `null` if it was never used. */
    readonly last_used_at: string | null;
  } | null;
  /** `null` if it is not revoked. */
  readonly revoked_at: string | null;
  /** The networks from which the credential works. An empty list means every network. */
  readonly allowed_cidrs: readonly string[];
  /** The key's own limit. `null` if the plan's limit applies. */
  readonly rate_limit: {
    /** How many calls a window has. */
    readonly limit: number;
    /** How long a window is. Windows begin at multiples of it since the Unix epoch. */
    readonly window_seconds: number;
  } | null;
  /** The plan of its workspace. `null` if there are no plans. */
  readonly plan: string | null;
};

export type Keys = {
  readonly keys: readonly Key[];
  /** Send it as `cursor` to get the next page. `null` on the last page. */
  readonly next_cursor: string | null;
};

export type IssuedKey = {
  readonly key: Key;
  /** The whole credential. No other answer shows it. */
  readonly secret: string;
};

export type ImportedKeys = {
  /** One for each row, in their order. */
  readonly results: readonly {
    /** Where the row stands among the keys of the request. The first is 0. */
    readonly index: number;
    /** `present`: the workspace has a key with this hash, and nothing of it was changed. */
    readonly outcome: 'imported' | 'present' | 'skipped';
    /** The id of the key. `null` for a row that was skipped. */
    readonly id: string | null;
    /** `null` for a row that was imported. */
    readonly code:
      | 'already_present'
      | 'already_ended'
      | 'invalid_row'
      | 'hash_not_accepted'
      | 'hash_taken'
      | 'creator_not_found'
      | 'creator_may_not_issue'
      | 'key_limit_reached'
      | 'lookup_prefix_full'
      | 'conflict'
      | 'unavailable'
      | null;
    /** Why the row was not imported, as a sentence. */
    readonly reason: string | null;
  }[];
  /** How many keys were imported, or would be with `dry_run`. */
  readonly imported: number;
  /** How many were there already. */
  readonly present: number;
  /** How many rows were not imported for another reason. */
  readonly skipped: number;
};

export type Invitation = {
  /** Begins with `inv_`. */
  readonly id: string;
  readonly workspace: string;
  readonly email: string;
  readonly role: 'owner' | 'admin' | 'member';
  /** `null` if the operator invited. */
  readonly invited_by: string | null;
  readonly created_at: string;
  readonly expires_at: string;
};

export type Invitations = {
  readonly invitations: readonly Invitation[];
  /** Send it as `cursor` to get the next page. `null` on the last page. */
  readonly next_cursor: string | null;
};

export type Event = {
  /** Begins with `evt_`. */
  readonly id: string;
  readonly at: string;
  readonly type:
    | 'workspace.created'
    | 'workspace.updated'
    | 'member.added'
    | 'member.role_changed'
    | 'member.renamed'
    | 'member.removed'
    | 'invitation.created'
    | 'invitation.revoked'
    | 'key.issued'
    | 'key.imported'
    | 'key.updated'
    | 'key.revoked'
    | 'key.rotated'
    | 'key.rotation_abandoned'
    | 'key.previous_secret_revoked'
    | 'token.issued'
    | 'token.revoked'
    | 'session.created'
    | 'session.started'
    | 'session.ended'
    | 'management_key.issued'
    | 'management_key.revoked'
    | 'call.refused';
  readonly actor: {
    readonly kind: 'api_key' | 'personal_access_token' | 'management_key' | 'person' | 'operator' | 'sweeper';
    readonly credential_id: string | null;
    readonly user: string | null;
  };
  /** Where the request came from. `null` if there was no request of a caller. */
  readonly source_address: string | null;
  /** `null` in a log that belongs to no workspace. */
  readonly workspace: string | null;
  /** The key or the token that it was done to. */
  readonly key_id: string | null;
  /** The member that it was done to. */
  readonly user_id: string | null;
  readonly invitation_id: string | null;
  /** Fields that were changed, by their names. */
  readonly before: Readonly<
    Record<
      string,
      | string
      | number
      | boolean
      | null
      | readonly string[]
      | {
          /** How many calls a window has. */
          readonly limit: number;
          /** How long a window is. Windows begin at multiples of it since the Unix epoch. */
          readonly window_seconds: number;
        }
    >
  > | null;
  /** Fields that were changed, by their names. */
  readonly after: Readonly<
    Record<
      string,
      | string
      | number
      | boolean
      | null
      | readonly string[]
      | {
          /** How many calls a window has. */
          readonly limit: number;
          /** How long a window is. Windows begin at multiples of it since the Unix epoch. */
          readonly window_seconds: number;
        }
    >
  > | null;
  readonly outcome: 'done' | 'refused';
  /** The refused route. `null` if nothing was refused. */
  readonly action: string | null;
  /** The code of the refusal. `null` if nothing was refused. */
  readonly code: string | null;
};

export type Events = {
  readonly events: readonly Event[];
  /** Send it as `cursor` to get the next page. `null` on the last page. */
  readonly next_cursor: string | null;
};

export type Principal = {
  readonly credential_id: string;
  readonly kind: 'api_key' | 'personal_access_token' | 'management_key' | 'person';
  /** The slug of the workspace. `null` for a management key, and for a token where no workspace was named. */
  readonly workspace: string | null;
  /** The user for whom the credential acts. `null` if it has none. */
  readonly user: string | null;
  /** `null` if credentials have no roles. */
  readonly role: 'owner' | 'admin' | 'member' | null;
  /** Names of scopes. An empty list means every scope. */
  readonly scopes: readonly string[];
  readonly constraints: {
    /** `null` if it does not expire. */
    readonly expires_at: string | null;
    /** The networks from which the credential works. An empty list means every network. */
    readonly allowed_cidrs: readonly string[];
  };
};

export type SignedInPerson = {
  readonly kind: 'person';
  readonly user: string;
  readonly workspaces: readonly {
    readonly slug: string;
    /** The name of the workspace. */
    readonly name: string;
    readonly role: 'owner' | 'admin' | 'member';
    /** What the workspace calls the person. `null` where nobody has named them there. */
    readonly member_name: string | null;
  }[];
  /** The session through which the person acts. `null` for somebody who signed in at the issuer. */
  readonly session: {
    readonly id: string;
    /** The only workspace that it reaches. */
    readonly workspace: string;
    /** Each use makes it later, up to `ends_at`. */
    readonly expires_at: string;
    readonly ends_at: string;
  } | null;
  /** Where this call comes from. `null` for a call that came through CloudFront, as those of the console do on AWS. */
  readonly address: string | null;
};

export type Caller =
  | SignedInPerson
  | {
      readonly credential_id: string;
      readonly kind: 'api_key' | 'personal_access_token' | 'management_key' | 'person';
      /** The slug of the workspace. `null` for a management key, and for a token where no workspace was named. */
      readonly workspace: string | null;
      /** The user for whom the credential acts. `null` if it has none. */
      readonly user: string | null;
      /** `null` if credentials have no roles. */
      readonly role: 'owner' | 'admin' | 'member' | null;
      /** Names of scopes. An empty list means every scope. */
      readonly scopes: readonly string[];
      readonly constraints: {
        /** `null` if it does not expire. */
        readonly expires_at: string | null;
        /** The networks from which the credential works. An empty list means every network. */
        readonly allowed_cidrs: readonly string[];
      };
      /** Where this call comes from. `null` for a call that came through CloudFront, as those of the console do on AWS. */
      readonly address: string | null;
    };

export type Scopes = {
  readonly scopes: readonly {
    readonly name: string;
    readonly description: string;
    /** The scopes whose rights it has as well. */
    readonly implies: readonly string[];
  }[];
};

export type Verdict =
  | {
      readonly valid: true;
      readonly principal: Principal;
    }
  | {
      readonly valid: false;
      readonly code:
        | 'malformed'
        | 'unknown'
        | 'revoked'
        | 'expired'
        | 'disabled'
        | 'wrong_workspace'
        | 'network'
        | 'insufficient_scope';
      readonly message: string;
    };

export type Verdicts = {
  /** In the order of `credentials`. */
  readonly results: readonly Verdict[];
};

export type VerdictOrVerdicts = Verdict | Verdicts;

export type Revocation = {
  /** Begins with `key_`. */
  readonly id: string;
  readonly name: string | null;
  /** The beginning of the secret, which may be shown. */
  readonly start: string;
  /** The id of the user in whose name it was issued. */
  readonly created_by: string | null;
  /** `null` if it was never used. */
  readonly last_used_at: string | null;
  /** `null` if it does not expire. */
  readonly expires_at: string | null;
  /** The status of the key when the call found it. */
  readonly status_before: 'active' | 'disabled' | 'expired' | 'revoked';
  /** `already_revoked`: only for a key that `ids` names. `own_key_kept`: the key makes this call, so it stays. `failed`: it could not be revoked now. */
  readonly outcome: 'would_be_revoked' | 'revoked' | 'already_revoked' | 'own_key_kept' | 'failed';
};

export type Revocations = {
  readonly dry_run: boolean;
  readonly keys: readonly Revocation[];
  /** How many keys of this answer have each outcome. */
  readonly counts: {
    readonly would_be_revoked: number;
    readonly revoked: number;
    readonly already_revoked: number;
    readonly own_key_kept: number;
    readonly failed: number;
  };
  /** Those of `ids` that name no key which the caller may revoke. */
  readonly unknown_ids: readonly string[];
  /** Send the same body with it as `cursor` to go on. `null` when all keys were looked at. */
  readonly next_cursor: string | null;
};

export type NewSessionLink = {
  /** Lead the browser of the user there. It works once, and whoever opens it first is that user. */
  readonly url: string;
  /** When the link stops working. */
  readonly expires_at: string;
};

export type StartedSession = {
  /** Begins with `kws_`. A bearer credential, which no later answer shows. */
  readonly session: string;
  /** Each use of the session makes it later, up to `ends_at`. */
  readonly expires_at: string;
  /** No use of the session makes it later. */
  readonly ends_at: string;
  readonly user_id: string;
  /** The slug of the only workspace that the session reaches. */
  readonly workspace: string;
};

export type EndedSession = {
  /** Begins with `ses_`. Events name the session by it. */
  readonly id: string;
};

export type EndedSessions = {
  /** What this call has ended: sessions, and links that nobody had opened. */
  readonly sessions: readonly {
    /** Begins with `ses_`. Events name the session by it. */
    readonly id: string;
    /** The slug of the only workspace that the session reaches. */
    readonly workspace: string;
  }[];
};

export type Token = {
  /** Begins with `pat_`. */
  readonly id: string;
  readonly kind: 'personal_access_token';
  /** The id of its user. */
  readonly user: string;
  readonly name: string;
  /** The beginning of the secret, which may be shown. */
  readonly start: string;
  /** Names of scopes. An empty list means every scope. */
  readonly scopes: readonly string[];
  /** The highest role that the token acts with. */
  readonly role: 'owner' | 'admin' | 'member';
  /** The slugs of the workspaces that it is for. `null` for all that its user is in. */
  readonly workspaces: readonly string[] | null;
  readonly status: 'active' | 'disabled' | 'expired' | 'revoked';
  readonly created_at: string;
  /** `null` if it does not expire. */
  readonly expires_at: string | null;
  /** `null` if it was never used. */
  readonly last_used_at: string | null;
  /** `null` if it is not revoked. */
  readonly revoked_at: string | null;
};

export type Tokens = {
  readonly tokens: readonly Token[];
  /** Send it as `cursor` to get the next page. `null` on the last page. */
  readonly next_cursor: string | null;
};

export type IssuedToken = {
  readonly token: Token;
  /** The whole credential. No other answer shows it. */
  readonly secret: string;
};

export type RevokedCredential = Key | Token;

export type NewWorkspace = {
  /** Must be 1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end. */
  readonly slug: string;
  /** Must be 1 to 100 characters of visible text, at most 4000 bytes, without control characters or secrets. */
  readonly name: string;
  readonly plan?: string | undefined;
  /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
  readonly created_by: string;
};

export type WorkspaceChange = {
  /** Must be 1 to 100 characters of visible text, at most 4000 bytes, without control characters or secrets. */
  readonly name?: string | undefined;
  readonly plan?: string | undefined;
};

export type MemberChange = {
  readonly role?: 'owner' | 'admin' | 'member' | undefined;
  readonly name?: string | null | undefined;
};

export type NewKey = {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly external_id?: string | null | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
  readonly created_by?: string | undefined;
  readonly expires_at?: string | null | undefined;
  readonly allowed_cidrs?: readonly string[] | null | undefined;
  readonly rate_limit?:
    | {
        /** Must be a whole number from 1 to 1000000. */
        readonly limit: number;
        /** Must be a whole number from 1 to 86400. */
        readonly window_seconds: number;
      }
    | null
    | undefined;
};

export type KeyImport = {
  /** Must be a list of 1 to 100 keys. */
  readonly keys: readonly {
    /** Must be the hash of a key, as a text of at most 128 characters. */
    readonly hash: string;
    readonly algorithm: 'sha256' | 'bcrypt';
    readonly encoding?: 'hex' | 'base64' | 'base64url' | undefined;
    /** Must be the beginning of the key by which the hash is found, at most 64 characters. */
    readonly lookup_prefix?: string | undefined;
    /** Must be the beginning of the key, at most 64 characters. */
    readonly start?: string | undefined;
    /** Must be the name of a shape in api_key.accepts of the profile. */
    readonly shape?: string | undefined;
    /** Must be true or false. */
    readonly enabled?: boolean | undefined;
    /** Must be a past time in ISO 8601 with a zone, such as 2026-01-31T00:00:00Z. */
    readonly created_at?: string | undefined;
    readonly last_used_at?: string | null | undefined;
    readonly name?: string | null | undefined;
    readonly description?: string | null | undefined;
    readonly external_id?: string | null | undefined;
    readonly scopes?: readonly string[] | undefined;
    /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
    readonly created_by?: string | undefined;
    readonly expires_at?: string | null | undefined;
    readonly allowed_cidrs?: readonly string[] | null | undefined;
    readonly rate_limit?:
      | {
          /** Must be a whole number from 1 to 1000000. */
          readonly limit: number;
          /** Must be a whole number from 1 to 86400. */
          readonly window_seconds: number;
        }
      | null
      | undefined;
  }[];
  /** Must be true or false. */
  readonly dry_run?: boolean | undefined;
};

export type KeyChange = {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly external_id?: string | null | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** Must be true or false. */
  readonly enabled?: boolean | undefined;
  readonly expires_at?: string | null | undefined;
  readonly allowed_cidrs?: readonly string[] | null | undefined;
  readonly rate_limit?:
    | {
        /** Must be a whole number from 1 to 1000000. */
        readonly limit: number;
        /** Must be a whole number from 1 to 86400. */
        readonly window_seconds: number;
      }
    | null
    | undefined;
};

export type Rotation = {
  /** Must be a whole number from 0 to 604800. */
  readonly overlap_seconds: number;
};

export type Verification =
  | {
      /** Must be the text of a credential. */
      readonly credential: string;
      /** Must be the slug of a workspace. */
      readonly workspace?: string | undefined;
      /** Must be an action such as "GET /users" or "records.list". */
      readonly action?: string | undefined;
    }
  | {
      /** Must be a list of 1 to 100 objects, each with a credential. */
      readonly credentials: readonly {
        /** Must be the text of a credential. */
        readonly credential: string;
        /** Must be the slug of a workspace. */
        readonly workspace?: string | undefined;
        /** Must be an action such as "GET /users" or "records.list". */
        readonly action?: string | undefined;
      }[];
    };

export type KeyRevocation = {
  /** Must be true to see which keys would end, or false to end them. */
  readonly dry_run: boolean;
  readonly status?: 'active' | 'disabled' | 'expired' | undefined;
  /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
  readonly created_by?: string | undefined;
  /** Must be 1 to 128 characters of visible text, at most 512 bytes, without control characters or secrets. */
  readonly external_id?: string | undefined;
  readonly scope?: string | undefined;
  /** Must be a past time in ISO 8601 with a zone, such as 2026-01-31T00:00:00Z. */
  readonly unused_since?: string | undefined;
  /** Must be a time in ISO 8601 with a zone, such as 2027-01-31T00:00:00Z. */
  readonly expires_before?: string | undefined;
  /** Must be a list of 1 to 1000 ids of keys. */
  readonly ids?: readonly string[] | undefined;
  /** Must be a whole number from 1 to 1000. */
  readonly limit?: number | undefined;
  /** Must be a next_cursor from an earlier page. */
  readonly cursor?: string | undefined;
};

export type NewInvitation = {
  /** Must be an e-mail address such as ada@example.com, in ASCII. */
  readonly email: string;
  readonly role: 'owner' | 'admin' | 'member';
};

export type NewSession = {
  /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
  readonly user_id: string;
  /** Must be the slug of a workspace. */
  readonly workspace: string;
  readonly name?: string | null | undefined;
  /** Must be a whole number from 60 to 28800. */
  readonly expires_in?: number | undefined;
};

export type SessionCode = {
  /** Must be the code in the link. */
  readonly code: string;
};

export type SessionRevocation = {
  /** Must be 1 to 255 bytes of visible characters in Unicode's normal form C, with no other blank than the space and none at either end, and no secret. */
  readonly user_id: string;
  /** Must be the slug of a workspace. */
  readonly workspace?: string | undefined;
};

export type NewToken = {
  /** Must be 1 to 100 characters of visible text, at most 4000 bytes, without control characters or secrets. */
  readonly name: string;
  readonly scopes?: readonly string[] | undefined;
  readonly role?: 'owner' | 'admin' | 'member' | undefined;
  readonly workspaces?: readonly string[] | null | undefined;
  readonly expires_at?: string | null | undefined;
};

/** What a problem of the API is called, for programs. `docs/problems.md` says what to do about each. */
export type ProblemCode =
  | 'invalid_request'
  | 'request_refused'
  | 'unauthorized'
  | 'forbidden'
  | 'insufficient_scope'
  | 'not_found'
  | 'slug_taken'
  | 'last_owner'
  | 'key_limit_reached'
  | 'key_revoked'
  | 'key_expired'
  | 'rotation_in_progress'
  | 'invitation_exists'
  | 'too_many_workspaces'
  | 'token_limit_reached'
  | 'no_invitations'
  | 'no_console'
  | 'conflict'
  | 'already_done'
  | 'idempotency_mismatch'
  | 'link_ended'
  | 'body_too_large'
  | 'rate_limited'
  | 'internal_error'
  | 'change_in_progress'
  | 'unavailable';

/** What each operation takes, by the names of its parameters and fields, and what it answers. */
export interface Operations {
  /** Make a workspace. The user in `created_by` becomes its owner. */
  'POST /v1/workspaces': {
    readonly fields: NewWorkspace;
    readonly answer: Workspace;
  };
  /** Show a workspace. */
  'GET /v1/workspaces/{workspace}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    };
    readonly answer: Workspace;
  };
  /** Change the name or the plan of a workspace. Owners and the operator change the name. Only the operator changes the plan. When the call answers, the new plan has reached every key. */
  'PATCH /v1/workspaces/{workspace}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    } & WorkspaceChange;
    readonly answer: Workspace;
  };
  /** List the members of a workspace. */
  'GET /v1/workspaces/{workspace}/members': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
    };
    readonly answer: Members;
  };
  /** Change the role and the name of a member, or add a member. Only the operator adds members. A person invites. Without `role` or `name` in the body the role or the name stays as it is. A new member needs a role. */
  'PUT /v1/workspaces/{workspace}/members/{user_id}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the user. */
      readonly user_id: string;
    } & MemberChange;
    readonly answer: Member;
  };
  /** Remove a member. Keys that act with the role of the member end. All other keys stay. */
  'DELETE /v1/workspaces/{workspace}/members/{user_id}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the user. */
      readonly user_id: string;
    };
    readonly answer: RemovedMember;
  };
  /** Issue a key. The answer shows the secret. No later answer does. */
  'POST /v1/workspaces/{workspace}/keys': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    } & NewKey;
    readonly answer: IssuedKey;
  };
  /** List the keys of a workspace, newest first. A plain member sees only the keys that were issued in their name. */
  'GET /v1/workspaces/{workspace}/keys': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
      /** Only those with this status. */
      readonly status?: 'active' | 'disabled' | 'expired' | 'revoked' | undefined;
      /** Only those with this external id. */
      readonly external_id?: string | undefined;
      /** Only those that were issued in the name of this user. */
      readonly created_by?: string | undefined;
    };
    readonly answer: Keys;
  };
  /** Import keys of another system by their hashes. Each row is checked and imported by itself. Nothing that is there is changed, so the call may be repeated. With `dry_run` it only tells what it would do. */
  'POST /v1/workspaces/{workspace}/keys/import': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    } & KeyImport;
    readonly answer: ImportedKeys;
  };
  /** Revoke many keys for good, or see which ones would end. A key ends that meets every field of the filter: `status`, `created_by`, `external_id`, `scope`, `unused_since`, `expires_before` and `ids`. At least one of them has to be there. A key holds a scope by name, through another scope, or with all scopes. A key that was never used counts as unused since its creation. A plain member reaches only the keys that were issued in their name. The answer is 200 even if some keys could not be revoked: look at `counts.failed`. Repeat the call with `next_cursor` until it is `null`. */
  'POST /v1/workspaces/{workspace}/keys/revoke': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    } & KeyRevocation;
    readonly answer: Revocations;
  };
  /** Show a key. */
  'GET /v1/workspaces/{workspace}/keys/{key}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the key. */
      readonly key: string;
    };
    readonly answer: Key;
  };
  /** Change a key. A field that the body does not name stays as it is. */
  'PATCH /v1/workspaces/{workspace}/keys/{key}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the key. */
      readonly key: string;
    } & KeyChange;
    readonly answer: Key;
  };
  /** Revoke a key for good. Revoking it again changes nothing and answers the same. */
  'POST /v1/workspaces/{workspace}/keys/{key}/revoke': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the key. */
      readonly key: string;
    };
    readonly answer: Key;
  };
  /** Give a key a new secret. The older secret works on for as long as `overlap_seconds` says. With 0 it ends at once. */
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the key. */
      readonly key: string;
    } & Rotation;
    readonly answer: IssuedKey;
  };
  /** End the older secret of a rotated key at once. It needs the rights of a rotation. The newest secret works on. Where no older one works, the call changes nothing and answers the same. */
  'POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the key. */
      readonly key: string;
    };
    readonly answer: Key;
  };
  /** Invite somebody. */
  'POST /v1/workspaces/{workspace}/invitations': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
    } & NewInvitation;
    readonly answer: Invitation;
  };
  /** List the open invitations of a workspace. */
  'GET /v1/workspaces/{workspace}/invitations': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
    };
    readonly answer: Invitations;
  };
  /** Take an invitation back. */
  'DELETE /v1/workspaces/{workspace}/invitations/{invitation}': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** The id of the invitation. */
      readonly invitation: string;
    };
    readonly answer: Invitation;
  };
  /** List the events of a workspace, newest first. */
  'GET /v1/workspaces/{workspace}/events': {
    readonly fields: {
      /** The slug of the workspace. */
      readonly workspace: string;
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
      /** Only events of this type. */
      readonly type?:
        | 'workspace.created'
        | 'workspace.updated'
        | 'member.added'
        | 'member.role_changed'
        | 'member.renamed'
        | 'member.removed'
        | 'invitation.created'
        | 'invitation.revoked'
        | 'key.issued'
        | 'key.imported'
        | 'key.updated'
        | 'key.revoked'
        | 'key.rotated'
        | 'key.rotation_abandoned'
        | 'key.previous_secret_revoked'
        | 'token.issued'
        | 'token.revoked'
        | 'session.created'
        | 'session.started'
        | 'session.ended'
        | 'management_key.issued'
        | 'management_key.revoked'
        | 'call.refused'
        | undefined;
      /** Only events of this key or token. */
      readonly key_id?: string | undefined;
      /** Only events that this user or credential caused. */
      readonly actor?: string | undefined;
      /** Only what was done, or only what was refused. */
      readonly outcome?: 'done' | 'refused' | undefined;
      /** Only events from this time on. */
      readonly from?: string | undefined;
      /** Only events before this time. */
      readonly to?: string | undefined;
    };
    readonly answer: Events;
  };
  /** List the caller's own events, newest first. These are the events that belong to no workspace. */
  'GET /v1/me/events': {
    readonly fields: {
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
      /** Only events of this type. */
      readonly type?:
        | 'workspace.created'
        | 'workspace.updated'
        | 'member.added'
        | 'member.role_changed'
        | 'member.renamed'
        | 'member.removed'
        | 'invitation.created'
        | 'invitation.revoked'
        | 'key.issued'
        | 'key.imported'
        | 'key.updated'
        | 'key.revoked'
        | 'key.rotated'
        | 'key.rotation_abandoned'
        | 'key.previous_secret_revoked'
        | 'token.issued'
        | 'token.revoked'
        | 'session.created'
        | 'session.started'
        | 'session.ended'
        | 'management_key.issued'
        | 'management_key.revoked'
        | 'call.refused'
        | undefined;
      /** Only events of this key or token. */
      readonly key_id?: string | undefined;
      /** Only events that this user or credential caused. */
      readonly actor?: string | undefined;
      /** Only what was done, or only what was refused. */
      readonly outcome?: 'done' | 'refused' | undefined;
      /** Only events from this time on. */
      readonly from?: string | undefined;
      /** Only events before this time. */
      readonly to?: string | undefined;
    };
    readonly answer: Events;
  };
  /** Revoke the credential that makes the call. Everybody who holds a key or a token may end it, even one that is disabled. */
  'POST /v1/keys/self/revoke': {
    readonly fields: Readonly<Record<string, never>>;
    readonly answer: RevokedCredential;
  };
  /** Look whether credentials are in force, and what they may do. The look-up counts no call and skips networks. With `credentials` it looks at up to 100 of them, and answers about all or, on a fault, about none. */
  'POST /v1/keys/verify': {
    readonly fields: Verification;
    readonly answer: VerdictOrVerdicts;
  };
  /** Make a link that signs a user of the product into the console. The back end of the product calls it for a user whom it has signed in itself. The user must be a member of the workspace. A `name` in the body becomes what the workspace calls them. */
  'POST /v1/sessions': {
    readonly fields: NewSession;
    readonly answer: NewSessionLink;
  };
  /** Turn the code of a link into a session. Needs no credential: the code is the proof. It works once, within a minute. The answer shows the secret of the session, and no later answer does. */
  'POST /v1/sessions/exchange': {
    readonly fields: SessionCode;
    readonly answer: StartedSession;
  };
  /** End the session that makes the call. */
  'POST /v1/sessions/self/revoke': {
    readonly fields: Readonly<Record<string, never>>;
    readonly answer: EndedSession;
  };
  /** End the sessions of a user. The back end of the product calls it when it signs a user out. Links that nobody has opened end too. Without `workspace` it ends those in every workspace. */
  'POST /v1/sessions/revoke': {
    readonly fields: SessionRevocation;
    readonly answer: EndedSessions;
  };
  /** Say who the caller is. */
  'GET /v1/me': {
    readonly fields: Readonly<Record<string, never>>;
    readonly answer: Caller;
  };
  /** List the scopes of the product. */
  'GET /v1/scopes': {
    readonly fields: Readonly<Record<string, never>>;
    readonly answer: Scopes;
  };
  /** Issue a token of one’s own. The answer shows the secret. No later answer does. */
  'POST /v1/me/tokens': {
    readonly fields: NewToken;
    readonly answer: IssuedToken;
  };
  /** List the caller's tokens, newest first. */
  'GET /v1/me/tokens': {
    readonly fields: {
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
      /** Only those with this status. */
      readonly status?: 'active' | 'disabled' | 'expired' | 'revoked' | undefined;
    };
    readonly answer: Tokens;
  };
  /** Revoke a token of one’s own for good. */
  'POST /v1/me/tokens/{token}/revoke': {
    readonly fields: {
      /** The id of the token. */
      readonly token: string;
    };
    readonly answer: Token;
  };
  /** Issue a token for a user. The answer shows the secret. No later answer does. */
  'POST /v1/users/{user_id}/tokens': {
    readonly fields: {
      /** The id of the user. */
      readonly user_id: string;
    } & NewToken;
    readonly answer: IssuedToken;
  };
  /** List a user's tokens, newest first. */
  'GET /v1/users/{user_id}/tokens': {
    readonly fields: {
      /** The id of the user. */
      readonly user_id: string;
      /** How many things a page holds at most. */
      readonly limit?: number | undefined;
      /** The `next_cursor` of an earlier page. */
      readonly cursor?: string | undefined;
      /** Only those with this status. */
      readonly status?: 'active' | 'disabled' | 'expired' | 'revoked' | undefined;
    };
    readonly answer: Tokens;
  };
  /** Revoke a user's token for good. */
  'POST /v1/users/{user_id}/tokens/{token}/revoke': {
    readonly fields: {
      /** The id of the user. */
      readonly user_id: string;
      /** The id of the token. */
      readonly token: string;
    };
    readonly answer: Token;
  };
  /** Say where people sign in. Everybody may read it: the call needs no credential. */
  'GET /sign-in.json': {
    readonly fields: Readonly<Record<string, never>>;
    readonly answer: {
      /** The issuer of access tokens. `/.well-known/openid-configuration` below it names its pages. */
      readonly issuer: string;
      /** The client to sign in as. It has no secret. */
      readonly client_id: string;
      /** The scopes to ask for. */
      readonly scopes: readonly string[];
      /** To be sent along in requests for a sign-in and for tokens. */
      readonly parameters: Readonly<Record<string, string>>;
    };
  };
}

/** Sending these twice does no more than sending them once. */
export const REPEATABLE_POSTS = [
  'POST /v1/workspaces/{workspace}/keys/import',
  'POST /v1/workspaces/{workspace}/keys/revoke',
  'POST /v1/workspaces/{workspace}/keys/{key}/revoke',
  'POST /v1/workspaces/{workspace}/keys/{key}/previous-secret/revoke',
  'POST /v1/keys/self/revoke',
  'POST /v1/keys/verify',
  'POST /v1/sessions',
  'POST /v1/sessions/exchange',
  'POST /v1/sessions/self/revoke',
  'POST /v1/sessions/revoke',
  'POST /v1/me/tokens/{token}/revoke',
  'POST /v1/users/{user_id}/tokens/{token}/revoke',
] as const satisfies readonly (keyof Operations)[];

/** Sending these twice with one `Idempotency-Key` does no more than sending them once. */
export const KEYED_POSTS = [
  'POST /v1/workspaces',
  'POST /v1/workspaces/{workspace}/keys',
  'POST /v1/workspaces/{workspace}/keys/{key}/rotate',
  'POST /v1/workspaces/{workspace}/invitations',
  'POST /v1/me/tokens',
  'POST /v1/users/{user_id}/tokens',
] as const satisfies readonly (keyof Operations)[];

/** Sending these needs no credential. */
export const PUBLIC_POSTS = ['POST /v1/sessions/exchange'] as const satisfies readonly (keyof Operations)[];
