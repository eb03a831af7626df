import { createServer, type Server } from 'node:http';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Unavailable } from '../../../../core/errors/fault.ts';
import { close, listen } from '../../../../local/listening.ts';
import { dynamoDbClient } from '../../../../stores/dynamodb/table/client.ts';

/** A store that hangs, or answers with faults. */
let store: Server;
let endpoint: string;
let asked = 0;
let isHanging = false;
beforeAll(async () => {
  store = createServer((_, outgoing) => {
    asked += 1;
    if (!isHanging) outgoing.writeHead(500).end('{"__type":"InternalServerError"}');
  });
  endpoint = await listen(store, 0);
});
beforeEach(() => {
  asked = 0;
  isHanging = false;
});
afterAll(() => close(store));

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Reads with a client that is told, each time it asks, how many milliseconds are left. */
async function read(millisecondsLeft?: () => number): Promise<unknown> {
  const client = dynamoDbClient({ endpoint, region: 'us-east-1', credentials }, millisecondsLeft);
  const get = new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } });
  return client.send(get).catch((error: unknown) => error);
}

test('without a limit, a read is tried three times', async () => {
  expect(await read()).toMatchObject({ name: 'InternalServerError' });
  expect(asked).toBe(3);
});

test('an operation that hangs is given up when the time is over', async () => {
  isHanging = true;
  // Time to send the request on any machine, and less than a request may take.
  const end = Date.now() + 600;
  expect(await read(() => end - Date.now())).toBeInstanceOf(Unavailable);
  expect(asked).toBe(1);
});

test('nothing is sent once the time is over', async () => {
  expect(await read(() => 0)).toBeInstanceOf(Unavailable);
  expect(asked).toBe(0);
});

test('nothing is sent again once the time is over', async () => {
  const left = [60_000, 60_000, 0];
  expect(await read(() => left.shift() ?? 0)).toBeInstanceOf(Unavailable);
  expect(asked).toBe(1);
});
