import { CHANGE, type OperationDescription, type RouteName } from './operation.ts';

const WORKSPACE = '/v1/workspaces/{workspace}';

/** The calls that are about API keys. */
export const KEY_OPERATIONS = {
  [`POST ${WORKSPACE}/keys`]: {
    operationId: 'issueKey',
    tag: 'keys',
    summary: 'Issue a key',
    description: 'The answer shows the secret. No later answer does.',
    body: 'NewKey',
    answers: { 201: 'IssuedKey' },
    codes: ['not_found', 'key_limit_reached', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/import`]: {
    operationId: 'importKeys',
    tag: 'keys',
    summary: 'Import keys of another system by their hashes',
    description:
      'Each row is checked and imported by itself. Nothing that is there is changed, so the call may be repeated. With `dry_run` it only tells what it would do.',
    body: 'KeyImport',
    answers: { 200: 'ImportedKeys' },
    codes: ['not_found', 'conflict'],
  },
  [`GET ${WORKSPACE}/keys`]: {
    operationId: 'listKeys',
    tag: 'keys',
    summary: 'List the keys of a workspace, newest first',
    description: 'A plain member sees only the keys that were issued in their name.',
    query: 'keys',
    answers: { 200: 'Keys' },
    codes: ['not_found'],
  },
  [`GET ${WORKSPACE}/keys/{key}`]: {
    operationId: 'getKey',
    tag: 'keys',
    summary: 'Show a key',
    answers: { 200: 'Key' },
    codes: ['not_found'],
  },
  [`PATCH ${WORKSPACE}/keys/{key}`]: {
    operationId: 'updateKey',
    tag: 'keys',
    summary: 'Change a key',
    description: 'A field that the body does not name stays as it is.',
    body: 'KeyChange',
    answers: { 200: 'Key' },
    codes: ['not_found', 'key_revoked', 'key_expired', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/{key}/revoke`]: {
    operationId: 'revokeKey',
    tag: 'keys',
    summary: 'Revoke a key for good',
    description: 'Revoking it again changes nothing and answers the same.',
    body: 'Nothing',
    answers: { 200: 'Key' },
    codes: ['not_found', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/revoke`]: {
    operationId: 'revokeKeys',
    tag: 'keys',
    summary: 'Revoke many keys for good, or see which ones would end',
    description:
      'A key ends that meets every field of the filter: `status`, `created_by`, `external_id`, `scope`, `unused_since`, `expires_before` and `ids`. At least one of them has to be there. A key holds a scope by name, through another scope, or with all scopes. A key that was never used counts as unused since its creation. A plain member reaches only the keys that were issued in their name. The answer is 200 even if some keys could not be revoked: look at `counts.failed`. Repeat the call with `next_cursor` until it is `null`.',
    body: 'KeyRevocation',
    answers: { 200: 'Revocations' },
    codes: ['not_found'],
  },
  [`POST ${WORKSPACE}/keys/{key}/rotate`]: {
    operationId: 'rotateKey',
    tag: 'keys',
    summary: 'Give a key a new secret',
    description: 'The older secret works on for as long as `overlap_seconds` says. With 0 it ends at once.',
    body: 'Rotation',
    answers: { 200: 'IssuedKey' },
    codes: ['not_found', 'key_revoked', 'key_expired', 'rotation_in_progress', ...CHANGE],
  },
  [`POST ${WORKSPACE}/keys/{key}/previous-secret/revoke`]: {
    operationId: 'revokePreviousSecret',
    tag: 'keys',
    summary: 'End the older secret of a rotated key at once',
    description:
      'It needs the rights of a rotation. The newest secret works on. Where no older one works, the call changes nothing and answers the same.',
    body: 'Nothing',
    answers: { 200: 'Key' },
    codes: ['not_found', ...CHANGE],
  },
  'POST /v1/keys/self/revoke': {
    operationId: 'revokeSelf',
    tag: 'keys',
    summary: 'Revoke the credential that makes the call',
    description: 'Everybody who holds a key or a token may end it, even one that is disabled.',
    body: 'Nothing',
    answers: { 200: 'RevokedCredential' },
    codes: ['not_found', ...CHANGE],
  },
  'POST /v1/keys/verify': {
    operationId: 'verifyCredential',
    tag: 'keys',
    summary: 'Look whether credentials are in force, and what they may do',
    description:
      'The look-up counts no call and skips networks. With `credentials` it looks at up to 100 of them, and answers about all or, on a fault, about none.',
    body: 'Verification',
    answers: { 200: 'VerdictOrVerdicts' },
    codes: [],
  },
} as const satisfies Partial<Record<RouteName, OperationDescription>>;
