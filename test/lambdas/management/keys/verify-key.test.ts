import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { checksum } from '../../../../core/credential/key-text.ts';
import { createTables, type TestTables } from '../../../stores/dynamodb/tables.ts';
import { capturedLog } from '../../captured-log.ts';
import { managementHandlers } from '../handlers.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());
capturedLog();

const random = `kw_live_${'0'.repeat(30)}`;
const CREDENTIAL = random + checksum(random);

test.each([
  ['InternalServerError', 503, 'unavailable'],
  ['ProvisionedThroughputExceededException', 503, 'unavailable'],
  ['AccessDeniedException', 500, 'internal_error'],
  ['ValidationException', 500, 'internal_error'],
])(
  'to ask about a credential that cannot be read is a fault and no verdict: %s is %i',
  async (name, status, code) => {
    const { call } = managementHandlers(tables);
    const asked = { method: 'POST', resource: '/v1/keys/verify', body: { credential: CREDENTIAL } };
    expect((await call('verify-key', asked)).body).toMatchObject({ valid: false, code: 'unknown' });
    const failing = jest.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async () => {
      throw Object.assign(new Error(`${name} of the test`), { name });
    });
    const answer = await call('verify-key', asked);
    failing.mockRestore();
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(/safe to try again/.test(answer.body.detail)).toBe(status === 503);
  },
);
