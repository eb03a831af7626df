import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { COPIED_TABLES, scanTable } from '../../stores/dynamodb/restore/backup.ts';
import { type CommandLine, commandLineOf } from '../bin/command-line.ts';
import { manager, send, startProduct, type TestProduct } from '../product.ts';

/** Is there once the tests run. */
export let product: TestProduct;
export let line: CommandLine;
export const folder = mkdtempSync(join(tmpdir(), 'keyward-recovery-'));
/** Runs a product for the tests of a file, with a folder for its backups and a command line for its operator. */
export function useRehearsal(): void {
  beforeAll(async () => {
    product = await startProduct();
    const { tables, assembly } = product;
    const account = { endpoint: assembly.dynamodbEndpoint, region: assembly.region, accessKeyId: 'operator' };
    line = commandLineOf({ ...tables, ...account });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await product.stop();
  });
}

/** The command line, as an operator runs it. */
export const keyward = (...args: string[]) => line.keyward(...args);

export async function succeed(...args: string[]) {
  const { code, stdout, stderr } = await keyward(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

export const statusOf = async (credential: string) =>
  (await send(`${product.apiUrl}/users`, { credential })).status;

export async function issue(fields: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await manager(product).issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

/** What nobody should ever do: every item of every table, the audit log's included. */
export async function loseEverything(): Promise<void> {
  const { client } = product.tables;
  for (const table of COPIED_TABLES)
    for await (const { pk, sk } of scanTable(product.tables, table))
      if (pk && sk)
        await client.send(new DeleteItemCommand({ TableName: product.tables[table], Key: { pk, sk } }));
}
