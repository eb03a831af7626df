import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import * as sdk from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKey } from '../../../../core/credential/key-text.ts';
import { digestOf } from '../../../../core/credential/secret.ts';
import { Contended, isPassing, Throttled, Unavailable } from '../../../../core/errors/fault.ts';
import { secretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import {
  dynamoBcryptSecretStore,
  dynamoVerificationStore,
} from '../../../../stores/dynamodb/secrets/verification-store.ts';
import { readItems, runInParallel } from '../../../../stores/dynamodb/table/batches.ts';
import { readOrUnavailable, writeWithRetry } from '../../../../stores/dynamodb/table/contention.ts';
import { countItems, queryPage } from '../../../../stores/dynamodb/table/query-pages.ts';
import { failureOf } from '../../../../stores/dynamodb/table/store-failure.ts';
import { keyKey } from '../../../../stores/dynamodb/table/tables.ts';
import { transact } from '../../../../stores/dynamodb/table/transaction.ts';
import { dynamoTokenSource } from '../../../../stores/dynamodb/tokens/token-source.ts';
import { answeringClient, failingTables } from '../faults.ts';
import { anUpdate, FORMAT, issued, keyStoreOf, NOW, verdictOn } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const named = (name: string, members: object = {}) =>
  Object.assign(new Error(`${name} of the test`), { name, ...members });

/** Every exception that the SDK's client knows, as it makes them. */
const MODELLED = Object.entries(sdk).flatMap(([name, value]) =>
  typeof value === 'function' && value.prototype instanceof sdk.DynamoDBServiceException
    ? [new (value as new (options: object) => Error)({ $metadata: {}, message: name })]
    : [],
);

/** What passes among them; everything else is about tables, backups and requests that nobody here should have made. */
const PASSING_NAMES = new Set([
  ...['InternalServerError', 'LimitExceededException', 'ProvisionedThroughputExceededException'],
  ...['ReplicatedWriteConflictException', 'RequestLimitExceeded', 'ThrottlingException'],
  ...['TransactionConflictException', 'TransactionInProgressException'],
]);

/** What AWS answers that the client has no class for, and what it makes itself. */
const UNMODELLED_PASSING = [
  ...['InternalFailure', 'ServiceUnavailable', 'ServiceUnavailableException', 'Throttling', 'SlowDown'],
  ...['ThrottledException', 'RequestThrottled', 'RequestThrottledException', 'TooManyRequestsException'],
  ...['RequestTimeout', 'RequestTimeoutException', 'TimeoutError'],
].map((name) => named(name));
const UNMODELLED_DEFECTS = [
  ...[
    'ValidationException',
    'AccessDeniedException',
    'UnrecognizedClientException',
    'SerializationException',
  ],
  ...['MissingAuthenticationTokenException', 'InvalidSignatureException', 'IncompleteSignatureException'],
  ...['UnknownOperationException', 'ExpiredTokenException', 'CredentialsProviderError', 'NotAuthorized'],
  ...['toString', 'constructor', '__proto__'],
].map((name) => named(name));

const NETWORK = [
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ENOBUFS'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTFOUND', 'EAI_AGAIN'],
];
const OTHER_CODES = Object.keys(constants.errno).filter((code) => !NETWORK.includes(code));

const passing: Error[] = [
  ...MODELLED.filter(({ name }) => PASSING_NAMES.has(name)),
  ...UNMODELLED_PASSING,
  ...[429, 500, 502, 503, 504].flatMap((status) => [
    named('UnknownError', { $metadata: { httpStatusCode: status } }),
    Object.assign(new SyntaxError('Unexpected token <'), { $response: { statusCode: status } }),
  ]),
  ...NETWORK.flatMap((code) => [
    named('Error', { code }),
    new Error('wrapped', { cause: named('Error', { code }) }),
    new AggregateError([named('Error', { code })], 'all addresses'),
  ]),
  new Unavailable('The time for the store to answer is over.'),
];
const defects: unknown[] = [
  ...MODELLED.filter(
    ({ name }) =>
      !PASSING_NAMES.has(name) && !/^(ConditionalCheckFailed|TransactionCanceled)Exception$/.test(name),
  ),
  ...UNMODELLED_DEFECTS,
  ...[400, 401, 403, 404, 413].map((status) =>
    named('UnknownError', { $metadata: { httpStatusCode: status } }),
  ),
  ...OTHER_CODES.map((code) => named('Error', { code })),
  ...[
    new TypeError('x is not a function'),
    new RangeError('x'),
    new SyntaxError('x'),
    new Error('no scopes'),
  ],
  ...['a text', undefined, null, { name: 'ThrottlingException' }],
];

test('every exception that the SDK knows, and every network error, either passes or is a defect', () => {
  expect(MODELLED.length).toBeGreaterThan(30);
  expect(passing.filter((error) => failureOf(error) === 'defect')).toEqual([]);
  expect(defects.filter((error) => failureOf(error) !== 'defect')).toEqual([]);
});

test('what the SDK says may be tried again, passes', () => {
  const retryable = MODELLED.filter((error) => '$retryable' in error && error.$retryable !== undefined);
  expect(retryable.length).toBeGreaterThan(0);
  expect(retryable.filter((error) => failureOf(error) === 'defect')).toEqual([]);
});

test.each([
  [['None', 'TransactionConflict'], 'conflict'],
  [['TransactionConflict', 'ThrottlingError'], 'throttled'],
  [['ProvisionedThroughputExceeded', 'None'], 'throttled'],
  [['ValidationError', 'TransactionConflict'], 'defect'],
  [['ItemCollectionSizeLimitExceeded'], 'defect'],
  [['AccessDenied'], 'defect'],
  [['toString'], 'defect'],
  [['ConditionalCheckFailed', 'TransactionConflict', 'ValidationError'], 'condition'],
  [['None'], 'conflict'],
  [[], 'conflict'],
])('a transaction that was cancelled for %j is a matter of: %s', (codes, failure) => {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  const message = 'Transaction cancelled';
  expect(
    failureOf(new sdk.TransactionCanceledException({ $metadata: {}, message, CancellationReasons })),
  ).toBe(failure);
});

/** Every way to ask the store, with a client that fails. */
function operationsOn(error: unknown): Record<string, () => Promise<unknown>> {
  const client = answeringClient(() => {
    throw error;
  });
  const table = { client, secrets: 'secrets' };
  const store = dynamoVerificationStore(table);
  const locator = digestOf('a');
  const count = {
    kind: 'api_key',
    locator,
    now: NOW,
    scopes: 'any',
    allowedCidrs: [],
    window: 'current',
  } as const;
  const list = { table: 'records', pk: 'a', prefix: 'KEY#', order: 'ascending' } as const;
  const fails = async () => {
    throw error;
  };
  return {
    'a read': () => readOrUnavailable(fails),
    'a batch': () => readItems(client, { table: 'secrets', keys: [{ pk: 'a', sk: 'KEY' }] }),
    'a page': () => queryPage(client, list),
    'how many there are': () => countItems(client, list),
    'a secret': async () => store.find(locator),
    'a count': () => store.count(count),
    'a stamp': () => store.stamp(locator, NOW),
    'a look-up prefix': () => dynamoBcryptSecretStore(table).findByPrefix('abcdefgh'),
    'a token': () => dynamoTokenSource(table).find(locator, 'acme'),
    'a stamp of a token': () => dynamoTokenSource(table).stamp(locator, NOW),
  };
}
const writesOn = (error: unknown): Record<string, () => Promise<unknown>> => {
  const fails = async () => {
    throw error;
  };
  const client = answeringClient(fails);
  return { 'a write': () => writeWithRetry(fails), 'a transaction': () => transact(client, {}) };
};
const thrownBy = (work: () => Promise<unknown>) =>
  work().then(
    () => 'done',
    (error: unknown) => error,
  );

describe('whatever is asked of the store', () => {
  const REPEATED = new Set(['conflict', 'in_progress', 'throttled']);

  test('is unavailable for a trouble that passes, with the cause kept', async () => {
    for (const error of passing) {
      const writes = REPEATED.has(failureOf(error)) ? {} : writesOn(error);
      for (const [name, work] of Object.entries({ ...operationsOn(error), ...writes })) {
        const thrown = await thrownBy(work);
        const kinds = [Unavailable, Throttled].filter((kind) => thrown instanceof kind);
        expect({ name, error, kinds: kinds.length, cause: (thrown as Error).cause }).toEqual({
          name,
          error,
          kinds: 1,
          cause: error,
        });
        expect(isPassing(thrown)).toBe(true);
      }
    }
  });

  test('fails with a defect as it is', async () => {
    for (const error of defects)
      for (const work of Object.values({ ...operationsOn(error), ...writesOn(error) })) {
        expect(await thrownBy(work)).toBe(error);
        expect(isPassing(error)).toBe(false);
      }
  });
});

test('of many that are done at once, one that needs to be mended is not called unavailable', async () => {
  const failing = (...failures: Error[]) =>
    runInParallel([0, 1, 2], async (index) => {
      const failure = failures[index];
      if (failure) throw failure;
    });
  await expect(failing(new Unavailable('a'), new Contended('b'))).rejects.toBeInstanceOf(Unavailable);
  const defect = new TypeError('x is not a function');
  const thrown = await failing(new Unavailable('a'), defect).catch((error: unknown) => error);
  expect(thrown).not.toBeInstanceOf(Unavailable);
  expect(thrown).toMatchObject({ cause: defect });
});

describe('a key', () => {
  test.each(['AccessDeniedException', 'ValidationException', 'ResourceNotFoundException'])(
    'that cannot be changed for %s stays as it is, and is not said to be busy',
    async (name) => {
      const { key } = await issued(tables);
      const failing = failingTables(tables, { command: /^TransactWrite/, name, times: 1 });
      const updating = keyStoreOf(failing.tables).update(anUpdate(key, { name: 'x' }));
      await expect(updating).rejects.toMatchObject({ name });
      expect(await keyStoreOf(tables).get(key)).toEqual(key);
    },
  );

  test('whose record cannot be read is a defect, and so is a secret that cannot', async () => {
    const { key } = await issued(tables);
    const broken = (table: string, item: { pk: string; sk: string }) =>
      tables.client.send(
        new sdk.PutItemCommand({ TableName: table, Item: { pk: { S: item.pk }, sk: { S: item.sk } } }),
      );
    await broken(tables.records, keyKey(key.workspace, key.id));
    const asked = await thrownBy(() => keyStoreOf(tables).get(key));
    expect(asked).toBeInstanceOf(Error);
    expect(isPassing(asked)).toBe(false);
    const text = generateKey(FORMAT, randomBytes);
    await broken(tables.secrets, secretKey(digestOf(text)));
    for (const tracking of ['nothing', 'stamp', 'count'] as const) {
      const verdict = await thrownBy(() => verdictOn(tables, text, {}, tracking));
      expect(verdict).toBeInstanceOf(Error);
      expect(isPassing(verdict)).toBe(false);
    }
  });
});
