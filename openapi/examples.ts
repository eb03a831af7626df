import { type KeyFormat, keyLength, startOf } from '../core/credential/key-text.ts';
import type { Profile } from '../core/profile/profile.ts';

const CREATED_AT = '2026-11-22T02:42:12.000Z';
const EXPIRES_AT = '2027-01-31T00:00:00.000Z';

/** The ids in all examples. */
export const EXAMPLE_IDS = {
  user: 'usr_acmeOwner00000000000',
  key: 'key_0VbfMAmUeJitTzsO8SVy',
  token: 'pat_0VbfMAmUeJitTzsO8SVy',
  invitation: 'inv_0VbfMAmUeJitTzsO8SVy',
} as const;
const { user: OWNER, key: KEY_ID } = EXAMPLE_IDS;

/** By the name of a schema: one example, or several by what they show. */
export type Examples = Readonly<
  Record<
    string,
    { readonly example: object } | { readonly examples: Readonly<Record<string, { readonly value: object }>> }
  >
>;

/** Examples of bodies and answers, by the names of their schemas, in the words of the product. */
export function examplesOf(profile: Profile): Examples {
  const { apiKey, inheritsRole, rateLimits, scopes: catalogue, personalAccessTokens: tokens } = profile;
  const scopes = catalogue?.definitions.slice(0, 1).map(({ name }) => name) ?? [];
  const plan = rateLimits?.defaultPlan;
  const limit = rateLimits === undefined ? null : { limit: 100, window_seconds: 60 };
  const workspace = { slug: 'acme', name: 'Acme', plan: plan ?? null, created_at: CREATED_AT };
  const member = { user_id: OWNER, name: 'Ada', role: 'owner', created_at: CREATED_AT };
  const secret = exampleSecret(apiKey.format);
  const key = {
    id: KEY_ID,
    kind: 'api_key',
    workspace: 'acme',
    name: 'ci',
    description: null,
    external_id: 'customer-42',
    start: startOf(apiKey.format, secret),
    scopes,
    role: inheritsRole ? 'owner' : null,
    status: 'active',
    created_at: CREATED_AT,
    created_by: OWNER,
    expires_at: null,
    last_used_at: null,
    previous_secret: null,
    revoked_at: null,
    allowed_cidrs: [],
    rate_limit: null,
    plan: plan ?? null,
  };
  const invitation = {
    id: EXAMPLE_IDS.invitation,
    workspace: 'acme',
    email: 'ada@example.com',
    role: 'member',
    invited_by: OWNER,
    created_at: CREATED_AT,
    expires_at: EXPIRES_AT,
  };
  const principal = {
    credential_id: KEY_ID,
    kind: 'api_key',
    workspace: 'acme',
    user: OWNER,
    role: key.role,
    scopes,
    constraints: { expires_at: null, allowed_cidrs: [] },
  };
  const revoked = { ...key, status: 'revoked', revoked_at: CREATED_AT };
  const verdict = { valid: true, principal };
  const only = {
    NewWorkspace: { slug: 'acme', name: 'Acme', created_by: OWNER, ...(plan !== undefined && { plan }) },
    WorkspaceChange: { name: 'Acme Incorporated' },
    MemberChange: { role: 'admin', name: 'Ada' },
    NewKey: { name: 'ci', external_id: 'customer-42', scopes, created_by: OWNER, expires_at: EXPIRES_AT },
    KeyImport: { keys: [exampleRow(profile)] },
    KeyChange: { description: 'Deploys', ...(limit && { rate_limit: limit }) },
    Rotation: { overlap_seconds: 3600 },
    NewInvitation: { email: 'ada@example.com', role: 'member' },
    Nothing: {},
    Workspace: workspace,
    Member: member,
    Members: { members: [member], next_cursor: null },
    RemovedMember: { user_id: OWNER, revoked: [], kept: [KEY_ID] },
    Key: key,
    Keys: { keys: [key], next_cursor: null },
    IssuedKey: { key, secret },
    ImportedKeys: {
      results: [{ index: 0, outcome: 'imported', id: KEY_ID, code: null, reason: null }],
      imported: 1,
      present: 0,
      skipped: 0,
    },
    RevokedCredential: revoked,
    Invitation: invitation,
    Invitations: { invitations: [invitation], next_cursor: null },
    Events: { events: [exampleEvent()], next_cursor: null },
    Caller: { ...principal, address: '203.0.113.7' },
    Scopes: {
      scopes:
        catalogue?.definitions.map(({ name, description, implies }) => ({ name, description, implies })) ??
        [],
    },
    Revocations: exampleRevocations(key),
    ...(tokens !== undefined && tokenExamples(tokens.format, scopes)),
  };
  return {
    ...Object.fromEntries(Object.entries(only).map(([name, example]) => [name, { example }])),
    Verification: several({
      one: { credential: secret, workspace: 'acme' },
      many: { credentials: [{ credential: secret }, { credential: secret, workspace: 'acme' }] },
    }),
    VerdictOrVerdicts: several({ one: verdict, many: { results: [verdict, verdict] } }),
    KeyRevocation: several({
      unused: { dry_run: true, unused_since: '2026-08-01T00:00:00Z', limit: 100 },
      named: { dry_run: false, ids: [KEY_ID] },
    }),
  };
}

/** A key as another system's export may show it. The hash is one of nothing. */
function exampleRow({ apiKey, scopes: catalogue, inheritsRole, roleScopes }: Profile) {
  const hash =
    apiKey.storedAs === 'sha256'
      ? { hash: '0123456789abcdef'.repeat(4), algorithm: 'sha256', encoding: 'hex' }
      : {
          hash: `$2b$10$${'Example'.repeat(8).slice(0, 53)}`,
          algorithm: 'bcrypt',
          lookup_prefix: 'Example0',
        };
  const scopes = catalogue?.definitions.slice(0, 1).map(({ name }) => name) ?? [];
  const creator = inheritsRole || roleScopes !== undefined ? { created_by: OWNER } : {};
  return { ...hash, name: 'ci', scopes, ...creator, external_id: 'customer-42', created_at: CREATED_AT };
}

function tokenExamples(format: KeyFormat, scopes: readonly string[]) {
  const secret = exampleSecret(format);
  const token = {
    id: EXAMPLE_IDS.token,
    kind: 'personal_access_token',
    user: OWNER,
    name: 'laptop',
    start: startOf(format, secret),
    scopes,
    role: 'owner',
    workspaces: null,
    status: 'active',
    created_at: CREATED_AT,
    expires_at: EXPIRES_AT,
    last_used_at: null,
    revoked_at: null,
  };
  return {
    NewToken: { name: 'laptop', scopes, expires_at: EXPIRES_AT },
    Token: token,
    Tokens: { tokens: [token], next_cursor: null },
    IssuedToken: { token, secret },
  };
}

function several(examples: Readonly<Record<string, object>>) {
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return { examples: Object.fromEntries(named) };
}

function exampleRevocations(key: Readonly<Record<'id' | 'name' | 'start' | 'created_by', string>>) {
  const { id, name, start, created_by } = key;
  const line = { id, name, start, created_by, last_used_at: null, expires_at: null };
  return {
    dry_run: false,
    keys: [{ ...line, status_before: 'active', outcome: 'revoked' }],
    counts: { would_be_revoked: 0, revoked: 1, already_revoked: 0, own_key_kept: 0, failed: 0 },
    unknown_ids: [],
    next_cursor: null,
  };
}

function exampleEvent() {
  return {
    id: 'evt_0VbfMAmUeJitTzsO8SVy',
    at: CREATED_AT,
    type: 'key.revoked',
    actor: { kind: 'person', credential_id: null, user: OWNER },
    source_address: '203.0.113.7',
    workspace: 'acme',
    key_id: KEY_ID,
    user_id: null,
    invitation_id: null,
    before: null,
    after: null,
    outcome: 'done',
    action: null,
    code: null,
  };
}

/** A text that shows the shape of a credential, but can be none where a checksum closes it. */
function exampleSecret(format: KeyFormat): string {
  return format.prefix + 'Example'.repeat(20).slice(0, keyLength(format) - format.prefix.length);
}
