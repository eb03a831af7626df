import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDb } from '../local/index.ts';

declare global {
  var tearDown: (() => Promise<void>) | undefined;
}

/**
 * One DynamoDB Local for all test files, in which each runs in a namespace of its own; and one folder for what they
 * synthesize: `KEYWARD_TEST_ASSEMBLIES` where several runs of jest share it.
 */
export default async function setUp(): Promise<void> {
  const { endpoint, stop } = await startDynamoDb();
  const shared = process.env.KEYWARD_TEST_ASSEMBLIES;
  const assemblies = shared ?? mkdtempSync(join(tmpdir(), 'keyward-assemblies-'));
  process.env.KEYWARD_TEST_DYNAMODB = endpoint;
  process.env.KEYWARD_TEST_ASSEMBLIES = assemblies;
  // Dozens of commands are spawned; each would strip types and compile anew.
  process.env.NODE_COMPILE_CACHE = join(assemblies, 'compiled');
  // CDK's own validation takes as long as all the rest of a synthesis, and only warns.
  process.env.CDK_VALIDATION = 'false';
  globalThis.tearDown = async () => {
    await stop();
    if (shared === undefined) rmSync(assemblies, { recursive: true, force: true });
  };
}
