import { CANARY, type Case, cases, fieldCases } from './bad-inputs.ts';

const ID = `key_${'0'.repeat(20)}`;

/** What the revocation of many keys may not be asked. Every one of them could end keys, were it taken. */
export const BAD_FILTERS: readonly Case[] = [
  ...fieldCases({ dry_run: false, status: 'active' }, ['unknown']),
  ...cases('nothing that says whether to end keys', 400, [[{ status: 'active' }, 'dry_run']]),
  ...cases('nothing that says which keys', 400, [
    [{ dry_run: false }, 'body'],
    [{ dry_run: false, limit: 5 }, 'body'],
  ]),
  ...badValues('dry_run', [null, 0, 'false', CANARY]),
  ...badValues('status', [null, '', 'revoked', 'Active', ['active'], CANARY]),
  ...badValues('created_by', [null, 5, '', ' ', [CANARY], CANARY.repeat(30), `${CANARY}\u0000`]),
  ...badValues('external_id', [null, 5, '', ' ', `${CANARY}\u0000`]),
  ...badValues('scope', [null, '', '*', 'read', ['admin'], CANARY]),
  ...badValues('unused_since', [null, 5, '', CANARY, '2025-01-01', '2940-01-01T00:00:00Z']),
  ...badValues('expires_before', [null, 5, '', CANARY, '2040-01-01', '2040-02-30T00:00:00Z']),
  ...badValues('ids', [null, [], CANARY, {}, Array(1001).fill(ID)]),
  ...cases('a text that is no id', 400, [
    [{ dry_run: false, ids: [ID, CANARY] }, 'ids.1'],
    [{ dry_run: false, ids: [null] }, 'ids.0'],
    [{ dry_run: false, ids: ['revoke'] }, 'ids.0'],
  ]),
  ...badValues('limit', [null, 0, 1001, 1.5, '10', CANARY]),
  ...badValues('cursor', [null, 5, '', CANARY]),
];

/** Verifications of many credentials that may not be asked. */
export const BAD_VERIFICATIONS: readonly Case[] = [
  ...fieldCases({ credential: CANARY }, ['credential', 'slugText', 'action', 'unknown']),
  ...cases('a missing field', 400, [[{}, 'credential']]),
  ...cases('no list of credentials', 400, [
    ...[null, [], {}, CANARY, Array(101).fill({ credential: CANARY })].map(
      (credentials) => [{ credentials }, 'credentials'] as const,
    ),
    [{ credentials: [CANARY] }, 'credentials.0'],
    [{ credentials: [{ credential: CANARY }, {}] }, 'credentials.1.credential'],
    [{ credentials: [{ credential: CANARY, action: `${CANARY} ${CANARY}` }] }, 'credentials.0.action'],
    [{ credentials: [{ credential: CANARY, surprise: 1 }] }, 'credentials.0.surprise'],
    [{ credentials: [{ credential: CANARY }], credential: CANARY }, 'credential'],
    [{ credentials: [{ credential: CANARY }], workspace: CANARY }, 'workspace'],
  ]),
];

function badValues(field: string, values: readonly unknown[]): Case[] {
  const good = { dry_run: false, status: 'active' };
  return cases(
    field,
    400,
    values.map((value) => [{ ...good, [field]: value }, field] as const),
  );
}
