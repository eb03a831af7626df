import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { readDeployment } from '../../bin/commands/operator/deployment.ts';

const NOBODY = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

test('an operator’s command gives the store half a minute, and not the part of a second that an authorizer has', async () => {
  const { tables } = await readDeployment({ tables: ['a', 'b', 'c', 'd'] }, async () => NOBODY);
  // A client knows its settings from the first request on.
  await tables.client.send(new ListTablesCommand({})).catch(() => undefined);
  const handler = tables.client.config.requestHandler as { httpHandlerConfigs?(): object };
  expect(handler.httpHandlerConfigs?.()).toMatchObject({ requestTimeout: 30_000 });
});
