import * as v from 'valibot';
import { type KeyStatus, statusOf } from '../../../core/credential/credential.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { invalidRequest } from '../../http/problem.ts';
import type {
  RevocationAnswer,
  RevocationOutcome,
  RevocationsAnswer,
} from '../answers/credential-answers.ts';
import { choiceField, externalIdFilter, integerField, knownUserIdField, scopeField } from '../http/field.ts';
import type { Operation } from '../http/operation.ts';
import { cursorTo, readCursor } from '../http/page.ts';
import { readBody } from '../http/request-body.ts';
import { pastTimeField, timeField } from '../http/time-field.ts';
import { timeView } from '../http/view.ts';
import { resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import type { KeyOptions } from './change-key.ts';
import {
  type AskedRevocations,
  type KeyRevocation,
  type RevokeKeysOptions,
  revokeMatching,
} from './key-revocations.ts';

/** How many keys one call revokes at the most. */
export const MOST_REVOKED = 1_000;

/** A revoked key has ended already, so there is no use in looking for one. */
const NOT_ENDED = ['active', 'disabled', 'expired'] as const satisfies readonly KeyStatus[];

const ID = 'the id of a key, which begins with key_';
const CURSOR = 'a next_cursor from an earlier page';
const IDS = `a list of 1 to ${MOST_REVOKED} ids of keys`;

export function revokeKeysBody(profile: Profile, now: number) {
  return v.strictObject({
    dry_run: v.boolean('true to see which keys would end, or false to end them'),
    status: v.optional(choiceField(NOT_ENDED)),
    created_by: v.optional(knownUserIdField(profile)),
    external_id: v.optional(externalIdFilter),
    scope: v.optional(scopeField(profile)),
    unused_since: v.optional(pastTimeField(now)),
    expires_before: v.optional(timeField),
    ids: v.optional(
      v.pipe(
        v.array(
          v.pipe(
            v.string(ID),
            v.length(24, ID),
            v.check((text) => isIdentifier('key', text), ID),
          ),
          IDS,
        ),
        v.minLength(1, IDS),
        v.maxLength(MOST_REVOKED, IDS),
      ),
    ),
    limit: v.optional(integerField(1, MOST_REVOKED)),
    cursor: v.optional(v.pipe(v.string(CURSOR), v.nonEmpty(CURSOR))),
  });
}

/**
 * Revokes the keys that meet a filter, each as a single revocation does. It goes on until all are revoked, the limit is reached or
 * the time is over; the answer then says where to go on. A key that cannot be revoked now does not hold up the others.
 * @see docs/decisions/0032-many-keys-in-one-call.md
 */
export function revokeKeysOperation(options: RevokeKeysOptions): Operation {
  return resolveWorkspaceCall(options, async (call) => {
    const asked = readAsked(options, call);
    const { revocations, unknownIds, next } = await revokeMatching(options, call, asked);
    const counts = countOutcomes(revocations);
    const body: RevocationsAnswer = {
      dry_run: asked.isDryRun,
      keys: revocations.map((revocation) => revocationView(revocation, call.now)),
      counts,
      unknown_ids: unknownIds,
      next_cursor: cursorTo(next),
    };
    return { status: 200, body, takesRights: counts.revoked + counts.failed > 0 };
  });
}

/** @throws {ProblemError} 400, also where nothing says which keys are meant. */
function readAsked({ profile }: KeyOptions, { event, now }: WorkspaceCall): AskedRevocations {
  const body = readBody(event, revokeKeysBody(profile, now));
  const { dry_run, limit = MOST_REVOKED, cursor, ids, ...named } = body;
  if (ids === undefined && Object.keys(named).length === 0)
    throw invalidRequest('body', `an object with at least one of ${filterNames(profile)}`);
  return {
    isDryRun: dry_run,
    limit,
    after: readCursor(cursor, (id) => isIdentifier('key', id)),
    filter: {
      status: named.status,
      createdBy: named.created_by,
      externalId: named.external_id,
      scope: named.scope,
      unusedSince: named.unused_since,
      expiresBefore: named.expires_before,
      ids: ids && new Set(ids),
    },
  };
}

function filterNames({ scopes }: Profile): string {
  return `status, created_by, external_id, ${scopes === undefined ? '' : 'scope, '}unused_since, expires_before and ids`;
}

/** A key as a line of the answer. */
function revocationView({ key, outcome }: KeyRevocation, now: number): RevocationAnswer {
  return {
    id: key.id,
    name: key.name,
    start: key.start,
    created_by: key.createdBy,
    last_used_at: timeView(key.lastUsedAt),
    expires_at: timeView(key.expiresAt),
    status_before: statusOf(key, now),
    outcome,
  };
}

function countOutcomes(revocations: readonly KeyRevocation[]): Record<RevocationOutcome, number> {
  const count = (wanted: RevocationOutcome) => revocations.filter(({ outcome }) => outcome === wanted).length;
  return {
    would_be_revoked: count('would_be_revoked'),
    revoked: count('revoked'),
    already_revoked: count('already_revoked'),
    own_key_kept: count('own_key_kept'),
    failed: count('failed'),
  };
}
