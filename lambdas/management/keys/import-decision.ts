import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import type { ChangeEvent, EventSubject } from '../../../core/audit/audit-event.ts';
import type { KeyFields } from '../../../core/credential/credential.ts';
import { deriveIdentifier } from '../../../core/credential/identifier.ts';
import { type ImportedSecret, parseImportedHash } from '../../../core/credential/imported-hash.ts';
import { changeBounds, UNBOUND } from '../../../core/credential/key-bounds.ts';
import { identityOf, type KeyImportStore, type KeyToImport } from '../../../core/management/key-import.ts';
import { isWithinCreatorRights } from '../../../core/management/permission.ts';
import {
  type Member,
  planLimitOf,
  roleOf,
  type Workspace,
  type WorkspaceStore,
} from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import type { ImportResult } from '../answers/import-answers.ts';
import { skipRow } from './import-result.ts';
import { type ImportRow, readHash } from './import-row.ts';
import { issuedKeyView } from './read-keys.ts';

export interface ImportOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'getMember'>;
  readonly imports: KeyImportStore;
  /** How many active keys of a workspace a member may have. */
  readonly maxKeysPerMember: number;
}

export interface RowsToImport {
  readonly workspace: Workspace;
  /** Unverified. */
  readonly rows: readonly unknown[];
  /** `only_tell` writes nothing: the results say what `make` would do. */
  readonly changes: 'make' | 'only_tell';
  /** Unix seconds. */
  readonly now: number;
  readonly newEvent: (subject: EventSubject & { readonly type: 'key.imported' }) => ChangeEvent;
}

/** A valid row, and where it stands among all. */
export interface IndexedRow {
  readonly index: number;
  readonly row: ImportRow;
}

export type DecidedRow =
  | { readonly kind: 'key'; readonly index: number; readonly key: KeyToImport }
  | { readonly kind: 'skipped'; readonly result: ImportResult };

/** Decides rows on the workspace and the members as they are now. */
export async function decideRows(
  options: ImportOptions,
  asked: RowsToImport,
  rows: readonly IndexedRow[],
): Promise<DecidedRow[]> {
  const { profile, workspaces } = options;
  // Read again: a plan that is set later than this finds the keys, and a plan that was set before is known.
  const workspace = (await workspaces.get(asked.workspace.slug)) ?? asked.workspace;
  const userIds = [...new Set(rows.flatMap(({ row }) => row.created_by ?? []))];
  const found = await Promise.all(userIds.map((userId) => workspaces.getMember(workspace.slug, userId)));
  const members = new Map(userIds.map((userId, index) => [userId, found[index]]));
  const needsCreator = profile.roleScopes !== undefined || profile.inheritsRole;
  return rows.map(({ index, row }): DecidedRow => {
    const skip = (code: NonNullable<ImportResult['code']>, reason: string): DecidedRow => ({
      kind: 'skipped',
      result: skipRow(index, code, reason),
    });
    const hash = readHash(row);
    if (typeof hash === 'string') return skip('invalid_row', hash);
    const secret = parseImportedHash(profile.apiKey, hash);
    if (secret.kind === 'refused') return skip('hash_not_accepted', secret.sentence);
    const { created_by: userId } = row;
    if (userId === undefined && needsCreator)
      return skip('invalid_row', 'created_by must be the id of the user in whose name the key is issued.');
    const creator = userId === undefined ? null : members.get(userId);
    if (creator === undefined)
      return skip('creator_not_found', 'The user in created_by is no member of the workspace.');
    const fields = fieldsOf(row);
    const permission = isWithinCreatorRights(profile, fields.scopes, creator ? roleOf(creator) : 'nobody');
    if (permission.kind === 'refuse') return skip('creator_may_not_issue', permission.reason);
    return { kind: 'key', index, key: makeKey(options, asked, { row, fields, secret, creator, workspace }) };
  });
}

/** What a row may be imported as. The operator has set all of it, so no lower rank loosens it. */
function fieldsOf(row: ImportRow): KeyFields {
  const { enabled = true } = row;
  const expiresAt = row.expires_at ?? null;
  const allowedCidrs = row.allowed_cidrs ?? [];
  return {
    name: row.name ?? null,
    description: row.description ?? null,
    externalId: row.external_id ?? null,
    scopes: row.scopes ?? 'all',
    enabled,
    expiresAt,
    allowedCidrs,
    rateLimit: row.rate_limit ?? null,
    issuerLimit: null,
    bounds: changeBounds(UNBOUND, { rank: 'operator', named: { enabled, expiresAt, allowedCidrs } }),
  };
}

interface Decision {
  readonly row: ImportRow;
  readonly fields: KeyFields;
  readonly secret: Exclude<ImportedSecret, { readonly kind: 'refused' }>;
  readonly creator: Member | null;
  readonly workspace: Workspace;
}

function makeKey(
  { profile, maxKeysPerMember }: ImportOptions,
  { now, newEvent }: RowsToImport,
  { row, fields, secret, creator, workspace }: Decision,
): KeyToImport {
  const { slug } = workspace;
  const role = profile.inheritsRole && creator ? roleOf(creator) : null;
  // The same row always has the same id. A key whose age is unknown comes last in lists.
  const identity = JSON.stringify([slug, identityOf(secret)]);
  const id = deriveIdentifier('key', (row.created_at ?? 0) * 1000, identity);
  const shown = { start: secret.start, createdBy: creator?.userId ?? null, role };
  return {
    workspace: slug,
    id,
    fields,
    secret,
    createdAt: row.created_at ?? now,
    lastUsedAt: row.last_used_at ?? null,
    now,
    creator: creator && { userId: creator.userId, version: creator.version },
    role,
    effectiveRateLimit: effectiveLimit(planLimitOf(profile, workspace.plan), fields),
    planVersion: profile.rateLimits === undefined ? null : workspace.version,
    maxActiveKeys: profile.maxActiveKeys ?? null,
    maxMemberKeys: maxKeysPerMember,
    event: newEvent({
      type: 'key.imported',
      workspace: slug,
      keyId: id,
      after: issuedKeyView(fields, shown),
    }),
  };
}
