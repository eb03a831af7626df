import * as v from 'valibot';
import { ROLES } from '../../../core/access/role.ts';
import { KEY_STATUSES } from '../../../core/credential/credential.ts';
import {
  described,
  limitShape,
  listOf,
  networksShape,
  pageOf,
  scopesShape,
  timeShape,
} from './answer-field.ts';

/** The answers of the operations on keys and tokens. */

const start = described(v.string(), 'The beginning of the secret, which may be shown.');
const status = v.picklist(KEY_STATUSES);
const createdAt = timeShape;
const expiresAt = described(v.nullable(timeShape), '`null` if it does not expire.');
const lastUsedAt = described(v.nullable(timeShape), '`null` if it was never used.');
const revokedAt = described(v.nullable(timeShape), '`null` if it is not revoked.');

const secret = described(v.string(), 'The whole credential. No other answer shows it.');

export type KeyAnswer = v.InferOutput<typeof keyAnswer>;
export const keyAnswer = v.strictObject({
  id: described(v.string(), 'Begins with `key_`.'),
  kind: v.literal('api_key'),
  workspace: described(v.string(), 'The slug of its workspace.'),
  name: v.nullable(v.string()),
  description: v.nullable(v.string()),
  external_id: described(
    v.nullable(v.string()),
    'What another system calls the key. `null` if it has no such id.',
  ),
  start,
  scopes: scopesShape,
  role: described(
    v.nullable(v.picklist(ROLES)),
    'The role that the key acts with. `null` if keys have no roles.',
  ),
  status,
  created_at: createdAt,
  created_by: described(v.nullable(v.string()), 'The id of the user in whose name it was issued.'),
  expires_at: expiresAt,
  last_used_at: lastUsedAt,
  previous_secret: described(
    v.nullable(
      v.strictObject({
        replaced_at: described(
          v.nullable(timeShape),
          'When the rotation replaced it. `null` for a rotation from before the API told this.',
        ),
        ends_at: described(timeShape, 'Until then it works beside the newer one.'),
        last_used_at: lastUsedAt,
      }),
    ),
    'The secret that the last rotation replaced. `null` where none works any more.',
  ),
  revoked_at: revokedAt,
  allowed_cidrs: networksShape,
  rate_limit: described(v.nullable(limitShape), "The key's own limit. `null` if the plan's limit applies."),
  plan: described(v.nullable(v.string()), 'The plan of its workspace. `null` if there are no plans.'),
});

export type KeysAnswer = v.InferOutput<typeof keysAnswer>;
export const keysAnswer = pageOf('keys', keyAnswer);

export type NewKeyAnswer = v.InferOutput<typeof newKeyAnswer>;
export const newKeyAnswer = v.strictObject({ key: keyAnswer, secret });

export type RevocationOutcome = (typeof REVOCATION_OUTCOMES)[number];
const REVOCATION_OUTCOMES = [
  'would_be_revoked',
  'revoked',
  'already_revoked',
  'own_key_kept',
  'failed',
] as const;

export type RevocationAnswer = v.InferOutput<typeof revocationAnswer>;
export const revocationAnswer = v.strictObject({
  id: keyAnswer.entries.id,
  name: keyAnswer.entries.name,
  start,
  created_by: keyAnswer.entries.created_by,
  last_used_at: lastUsedAt,
  expires_at: expiresAt,
  status_before: described(status, 'The status of the key when the call found it.'),
  outcome: described(
    v.picklist(REVOCATION_OUTCOMES),
    '`already_revoked`: only for a key that `ids` names. `own_key_kept`: the key makes this call, so it stays. `failed`: it could not be revoked now.',
  ),
});

const count = v.number();

export type RevocationsAnswer = v.InferOutput<typeof revocationsAnswer>;
export const revocationsAnswer = v.strictObject({
  dry_run: v.boolean(),
  keys: listOf(revocationAnswer),
  counts: described(
    v.strictObject({
      would_be_revoked: count,
      revoked: count,
      already_revoked: count,
      own_key_kept: count,
      failed: count,
    }),
    'How many keys of this answer have each outcome.',
  ),
  unknown_ids: described(listOf(v.string()), 'Those of `ids` that name no key which the caller may revoke.'),
  next_cursor: described(
    v.nullable(v.string()),
    'Send the same body with it as `cursor` to go on. `null` when all keys were looked at.',
  ),
});

export type TokenAnswer = v.InferOutput<typeof tokenAnswer>;
export const tokenAnswer = v.strictObject({
  id: described(v.string(), 'Begins with `pat_`.'),
  kind: v.literal('personal_access_token'),
  user: described(v.string(), 'The id of its user.'),
  name: v.string(),
  start,
  scopes: scopesShape,
  role: described(v.picklist(ROLES), 'The highest role that the token acts with.'),
  workspaces: described(
    v.nullable(listOf(v.string())),
    'The slugs of the workspaces that it is for. `null` for all that its user is in.',
  ),
  status,
  created_at: createdAt,
  expires_at: expiresAt,
  last_used_at: lastUsedAt,
  revoked_at: revokedAt,
});

export type TokensAnswer = v.InferOutput<typeof tokensAnswer>;
export const tokensAnswer = pageOf('tokens', tokenAnswer);

export type NewTokenAnswer = v.InferOutput<typeof newTokenAnswer>;
export const newTokenAnswer = v.strictObject({ token: tokenAnswer, secret });
