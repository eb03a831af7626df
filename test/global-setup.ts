import { rmSync } from 'node:fs';
import { synthesizeProduct } from '../bin/local-product.ts';
import { startDynamoDb } from '../local/index.ts';

declare global {
  var tearDown: (() => Promise<void>) | undefined;
}

/** One DynamoDB Local and one synth for all test files; each file runs in a namespace of its own. */
export default async function setUp(): Promise<void> {
  const starting = startDynamoDb();
  const { assemblyDirectory } = synthesizeProduct('standard');
  const { endpoint, stop } = await starting;
  process.env.KEYWARD_TEST_DYNAMODB = endpoint;
  process.env.KEYWARD_TEST_ASSEMBLY = assemblyDirectory;
  globalThis.tearDown = async () => {
    await stop();
    rmSync(assemblyDirectory, { recursive: true, force: true });
  };
}
