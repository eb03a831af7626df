import { expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { memoryForIssuing, memoryForVerifying } from '../../lib/functions/keyward-function.ts';
import { tableGrantsFor } from '../../lib/tables/table-grants.ts';
import { OLDER } from '../core/credential/older-keys.ts';

const { profile } = loadProfile('standard');
const accepting = (...accepts: (typeof OLDER)[keyof typeof OLDER][]) => ({
  ...profile,
  apiKey: { ...profile.apiKey, accepts },
});
const onSecrets = (product: typeof profile, purpose: 'verify' | 'verify-key' | 'issue-key') =>
  tableGrantsFor(product)[purpose].flatMap(({ table, actions }) => (table === 'secrets' ? actions : []));

test('functions that verify have a processor and a query for bcrypt if any accepted shape is kept so', () => {
  const product = accepting(OLDER.unkey, OLDER.bcrypt);
  expect([memoryForVerifying(product), memoryForIssuing(product)]).toEqual([1_769, 512]);
  expect(onSecrets(product, 'verify')).toEqual(['GetItem', 'UpdateItem', 'Query']);
  expect(onSecrets(product, 'verify-key')).toEqual(['GetItem', 'Query']);
  expect(onSecrets(product, 'issue-key')).toEqual(onSecrets(profile, 'issue-key'));
});

test('accepted shapes that are kept as SHA-256 change no function', () => {
  const product = accepting(OLDER.unkey, OLDER.apiGateway);
  expect([memoryForVerifying(product), memoryForIssuing(product)]).toEqual([512, 512]);
  expect(tableGrantsFor(product)).toEqual(tableGrantsFor(profile));
});
