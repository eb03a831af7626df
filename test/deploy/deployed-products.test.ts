import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeploymentSettings } from '../../bin/synthesis.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { substituteIn } from './assembly.ts';
import { DeployedProduct, type IssuedKey } from './deployed-product.ts';
import { canEmulate, type EmulatedAccount, startAccount } from './emulated-account.ts';
import { MINISTACK_VERSION, REGION } from './emulator.ts';
import { CALLS } from './product-calls.ts';
import { SUBSTITUTIONS } from './substitutions.ts';

const describeDeployment = canEmulate('the deployments') ? describe : describe.skip;

const ORIGIN = 'https://app.example.com';

/** Settings that change the tables' stack and both APIs. */
const CHANGED: DeploymentSettings = {
  events: { retention_days: 500 },
  keys_per_member: 300,
  allowed_origins: [ORIGIN],
};

describeDeployment(`MiniStack ${MINISTACK_VERSION}`, () => {
  let account: EmulatedAccount;
  const used = new Set<string>();

  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account?.stop());

  async function assemblyOf(profile: string, settings: DeploymentSettings): Promise<string> {
    const copy = mkdtempSync(join(account.folder, `${profile}-`));
    for (const name of substituteIn(await sharedAssembly(profile, settings), copy)) used.add(name);
    return copy;
  }

  describe.each(Object.keys(CALLS))('%s', (profile) => {
    let product: DeployedProduct;
    let assembly: string;
    let key: IssuedKey;
    let lasting: Readonly<Record<string, string>>;

    beforeAll(async () => {
      product = new DeployedProduct(profile, account.emulator);
      assembly = await assemblyOf(profile, {});
      product.outputs = await account.cdk.deploy(assembly);
      lasting = await product.lastingIds();
      await product.bootstrap();
      key = await product.issue();
    });

    test('a deployed key opens what it may do, and nothing opens without one', async () => {
      const { allowed } = product.calls;
      expect(await product.call(allowed, key)).toBe(200);
      expect(await product.call(allowed)).toBe(401);
    });

    if (CALLS[profile]?.beyond !== undefined)
      test('a call beyond what the key may do is 403', async () => {
        const { beyond = product.calls.allowed } = product.calls;
        expect(await product.call(beyond, key)).toBe(403);
      });

    test('an update changes settings in place: the same tables, the same addresses, and the same key works', async () => {
      expect(await product.originAllowed(ORIGIN)).toBeNull();
      assembly = await assemblyOf(profile, CHANGED);
      product.outputs = await account.cdk.deploy(assembly);
      expect(product.output('Data', 'EventsRetention')).toBe('500');
      expect(await product.lastingIds()).toEqual(lasting);
      expect(await product.call(product.calls.allowed, key)).toBe(200);
      expect(await product.originAllowed(ORIGIN)).toBe(ORIGIN);
    });

    test('a revoked key is refused on the very next request', async () => {
      await product.revoke(key);
      expect(await product.call(product.calls.allowed, key)).toBe(401);
    });

    test('cdk destroy keeps the stack of the tables until its protection is taken away, and the tables after that', async () => {
      const refused = await account.cdk.destroy(assembly);
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('TerminationProtection is enabled');
      await product.endTerminationProtection();
      expect((await account.cdk.destroy(assembly)).code).toBe(0);
      const dynamoDb = new DynamoDBClient({
        endpoint: account.emulator.endpoint,
        region: REGION,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      for (const output of ['RecordsTable', 'SecretsTable', 'EventsTable', 'ManagementKeysTable']) {
        const TableName = product.output('Data', output);
        const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
        expect([output, Table?.TableStatus]).toEqual([output, 'ACTIVE']);
      }
    });
  });

  test('every substitution is needed by a template', () => {
    expect([...used].sort()).toEqual(SUBSTITUTIONS.map(({ name }) => name).sort());
  });
});
