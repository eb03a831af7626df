import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeploymentSettings } from '../../bin/synthesis.ts';
import { findPython, installPackage } from '../clients/python.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { substituteIn } from './assembly.ts';
import { CdkCli } from './cdk.ts';
import { DeployedProduct, type IssuedKey } from './deployed-product.ts';
import { type Emulator, MINISTACK_VERSION, REGION, startEmulator } from './emulator.ts';
import { CALLS } from './product-calls.ts';
import { SUBSTITUTIONS } from './substitutions.ts';

const found = await findPython(10);
if (found.kind === 'missing') process.stderr.write(`\nSKIPPED, the deployments: ${found.reason}\n\n`);
const describeDeployment = found.kind === 'found' ? describe : describe.skip;

const ORIGIN = 'https://app.example.com';

/** Settings that change the tables' stack and both APIs. */
const CHANGED: DeploymentSettings = {
  events: { retention_days: 500 },
  keys_per_member: 300,
  allowed_origins: [ORIGIN],
};

describeDeployment(`MiniStack ${MINISTACK_VERSION}`, () => {
  let folder: string;
  let emulator: Emulator;
  let cdk: CdkCli;
  const used = new Set<string>();

  beforeAll(async () => {
    if (found.kind === 'missing') return;
    folder = mkdtempSync(join(tmpdir(), 'keyward-deploy-'));
    emulator = await startEmulator(await installPackage(found, 'ministack', MINISTACK_VERSION));
    cdk = new CdkCli(emulator);
    await cdk.bootstrap();
  });
  afterAll(async () => {
    cdk?.remove();
    await emulator?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function assemblyOf(profile: string, settings: DeploymentSettings): Promise<string> {
    const copy = mkdtempSync(join(folder, `${profile}-`));
    for (const name of substituteIn(await sharedAssembly(profile, settings), copy)) used.add(name);
    return copy;
  }

  describe.each(Object.keys(CALLS))('%s', (profile) => {
    let product: DeployedProduct;
    let assembly: string;
    let key: IssuedKey;
    let lasting: Readonly<Record<string, string>>;

    beforeAll(async () => {
      product = new DeployedProduct(profile, emulator);
      assembly = await assemblyOf(profile, {});
      product.outputs = await cdk.deploy(assembly);
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
      product.outputs = await cdk.deploy(assembly);
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
      const refused = await cdk.destroy(assembly);
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('TerminationProtection is enabled');
      await product.endTerminationProtection();
      expect((await cdk.destroy(assembly)).code).toBe(0);
      const dynamoDb = new DynamoDBClient({
        endpoint: emulator.endpoint,
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
