import { effectiveLimit, isSameLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import type { ChangedFields } from '../../../core/audit/audit-event.ts';
import {
  type ApiKey,
  type KeyFields,
  livePreviousSecret,
  type PreviousSecret,
  statusOf,
} from '../../../core/credential/credential.ts';
import { maySee, reachesAll } from '../../../core/management/permission.ts';
import { planLimitOf, type Workspace } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import type { KeyAnswer, KeysAnswer } from '../answers/credential-answers.ts';
import type { Answer, Operation } from '../http/operation.ts';
import { cursorTo, readKeyPage } from '../http/page.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { rateLimitView, scopesView, timeView } from '../http/view.ts';
import { resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import { type KeyOptions, keyIdOf } from './change-key.ts';

type ReadOptions = Pick<KeyOptions, 'profile' | 'keys' | 'workspaces'>;

/** Shows the key in the path, or a page of the workspace's keys where the path names none. */
export function readKeysOperation(options: ReadOptions): Operation {
  return resolveWorkspaceCall(options, (call) =>
    call.event.pathParameters?.key === undefined ? listKeys(options, call) : showKey(options, call),
  );
}

async function showKey({ profile, keys }: ReadOptions, call: WorkspaceCall): Promise<Answer> {
  const { workspace, caller, now } = call;
  const key = await keys.get({ workspace: workspace.slug, id: keyIdOf(call) });
  if (key === undefined) throw noSuch('key');
  assertPermitted(maySee(caller, key));
  return { status: 200, body: keyView(key, { profile, workspace, now }) };
}

/** A plain member sees only the keys that were issued in their name. */
async function listKeys({ profile, keys }: ReadOptions, call: WorkspaceCall): Promise<Answer> {
  const { workspace, caller, now } = call;
  const asked = readKeyPage(call.event, profile);
  const own = reachesAll(caller) ? undefined : (caller.user ?? undefined);
  const { createdBy = own } = asked;
  if (own !== undefined && createdBy !== own) return { status: 200, body: NO_KEYS };
  const page = await keys.list({ workspace: workspace.slug, ...asked, createdBy, now });
  const shown = page.keys.map((key) => keyView(key, { profile, workspace, now }));
  const body: KeysAnswer = { keys: shown, next_cursor: cursorTo(page.next) };
  return { status: 200, body };
}

const NO_KEYS: KeysAnswer = { keys: [], next_cursor: null };

interface KeyContext {
  readonly profile: Profile;
  readonly workspace: Workspace;
  /** Unix seconds. */
  readonly now: number;
}

/** A key as the API shows it. */
export function keyView(key: ApiKey, { profile, workspace, now }: KeyContext): KeyAnswer {
  return {
    id: key.id,
    kind: 'api_key',
    workspace: key.workspace,
    name: key.name,
    description: key.description,
    external_id: key.externalId,
    start: key.start,
    scopes: scopesView(key.scopes),
    role: key.role,
    status: statusOf(key, now),
    created_at: timeView(key.createdAt),
    created_by: key.createdBy,
    expires_at: timeView(key.expiresAt),
    last_used_at: timeView(key.lastUsedAt),
    previous_secret: previousSecretView(livePreviousSecret(key, now)),
    revoked_at: timeView(key.revokedAt),
    allowed_cidrs: key.allowedCidrs,
    rate_limit: rateLimitView(ownLimitOf(key, planLimitOf(profile, workspace.plan))),
    plan: workspace.plan,
  };
}

function previousSecretView(previous: PreviousSecret | null): KeyAnswer['previous_secret'] {
  return (
    previous && {
      replaced_at: timeView(previous.replacedAt),
      ends_at: timeView(previous.endsAt),
      last_used_at: timeView(previous.lastUsedAt),
    }
  );
}

/**
 * The key's own limit: what the operator has set, or the limit of the key that issued it where that is narrower than the
 * plan's. `null` where the plan's limit applies.
 */
function ownLimitOf(key: ApiKey, planLimit: RateLimit | null): RateLimit | null {
  const limit = effectiveLimit(planLimit, key);
  return key.rateLimit === null && isSameLimit(limit, planLimit) ? null : limit;
}

/** A key's changeable fields, as audit events show them. */
export function keyFieldsView(fields: KeyFields): ChangedFields {
  return {
    name: fields.name,
    description: fields.description,
    external_id: fields.externalId,
    scopes: scopesView(fields.scopes),
    enabled: fields.enabled,
    expires_at: timeView(fields.expiresAt),
    allowed_cidrs: fields.allowedCidrs,
    rate_limit: rateLimitView(fields.rateLimit ?? fields.issuerLimit),
  };
}

/** What a key was issued with, as its audit event shows it. */
export function issuedKeyView(
  fields: KeyFields,
  { start, createdBy, role }: Pick<ApiKey, 'start' | 'createdBy' | 'role'>,
): ChangedFields {
  return { start, ...keyFieldsView(fields), created_by: createdBy, role };
}

/**
 * A rotation as its audit event shows it: the visible start of the secret, and when the older secret ends. The rotation ends
 * it, or the key's own expiry does before.
 */
export function rotationView(
  { start, expiresAt }: ApiKey,
  rotation: { readonly start: string; readonly overlapSeconds: number; readonly now: number },
): { readonly before: ChangedFields; readonly after: ChangedFields } {
  const { overlapSeconds, now } = rotation;
  const endsAt = Math.min(now + overlapSeconds, expiresAt ?? Number.POSITIVE_INFINITY);
  return {
    before: { start, older_secret_ends_at: timeView(expiresAt) },
    after: {
      start: rotation.start,
      older_secret_ends_at: timeView(endsAt),
      overlap_seconds: overlapSeconds,
    },
  };
}
