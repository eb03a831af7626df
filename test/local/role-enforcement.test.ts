import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { callDynamoDb } from '../../local/dynamodb/table-request.ts';
import type { DynamoDbIntercept } from '../../local/index.ts';
import { runSmallApp, type SmallRun, Workshop } from './small-app.ts';

/** Speaks DynamoDB's JSON protocol with the credentials of its environment; the event says what. */
const CALLER = `
export const handler = async ({ operation, body, accessKeyId = process.env.AWS_ACCESS_KEY_ID, target }) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL_DYNAMODB, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target ?? 'DynamoDB_20120810.' + operation,
      authorization: 'AWS4-HMAC-SHA256 Credential=' + accessKeyId + '/20260101/' + process.env.AWS_REGION +
        '/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  return { status: response.status, body: await response.json() };
};`;

const workshop = new Workshop();
let directory: string;
let first: SmallRun;
let second: SmallRun;
let intercept: DynamoDbIntercept | undefined;

beforeAll(async () => {
  directory = workshop.synthesize((cdk) => {
    const data = new Stack(cdk, 'Data');
    const stack = new Stack(cdk, 'Callers');
    const table = new Table(data, 'Keys', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    table.addGlobalSecondaryIndex({
      indexName: 'by-owner',
      partitionKey: { name: 'owner', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    const other = new TableV2(data, 'Other', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    const environment = { KEYS: table.tableName, OTHER: other.tableName };
    const writer = workshop.lambda(stack, 'Writer', CALLER, { environment });
    table.grant(writer, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem');
    const reader = workshop.lambda(stack, 'Reader', CALLER, { environment });
    const actions = ['dynamodb:Get*', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];
    reader.addToRolePolicy(
      new PolicyStatement({ actions, resources: [table.tableArn, `${table.tableArn}/index/by-*`] }),
    );
    reader.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ['dynamodb:GetItem'],
        resources: [other.tableArn],
      }),
    );
    reader.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: ['*'] }));
  });
  first = await runSmallApp(directory, { intercept: (call) => intercept?.(call) });
  second = await runSmallApp(directory);
});

beforeEach(() => {
  intercept = undefined;
});

afterAll(async () => {
  await first?.stop();
  await second?.stop();
  workshop.remove();
});

const table = (id: string) =>
  Object.values(first.run.tables).find((one) => one.constructPath === `Data/${id}`)?.name ?? '';
const item = (pk: string) => ({ pk: { S: pk }, owner: { S: 'o' } });
interface Answer {
  status: number;
  body: Record<string, unknown>;
}
async function call(app: SmallRun, caller: string, event: object): Promise<Answer> {
  const result = await app.run.invoke(app.idOf(caller), event);
  if (result.kind === 'failed') throw new Error(`${result.errorType}: ${result.errorMessage}`);
  return result.payload as Answer;
}
const lastCalls = (count: number) =>
  first.run
    .recordedCalls()
    .slice(-count)
    .map(({ functionId, action, resource, allowed }) => ({
      caller: functionId === first.idOf('Writer') ? 'Writer' : 'Reader',
      action,
      resource: resource
        .replace(/^.*:table\//, '')
        .replace(table('Keys'), 'KEYS')
        .replace(table('Other'), 'OTHER'),
      allowed,
    }));

describe('roles', () => {
  test('a call that the role allows reaches the table and is recorded', async () => {
    const put = { operation: 'PutItem', body: { TableName: table('Keys'), Item: item('a') } };
    expect(await call(first, 'Writer', put)).toMatchObject({ status: 200 });
    expect(lastCalls(1)).toEqual([
      { caller: 'Writer', action: 'dynamodb:PutItem', resource: 'KEYS', allowed: true },
    ]);
    const get = { operation: 'GetItem', body: { TableName: table('Keys'), Key: { pk: { S: 'a' } } } };
    expect((await call(first, 'Reader', get)).body).toEqual({ Item: item('a') });
  });

  test('a call that it does not allow is refused as DynamoDB would, recorded, and changes nothing', async () => {
    const put = { operation: 'PutItem', body: { TableName: table('Keys'), Item: item('refused') } };
    const answer = await call(first, 'Reader', put);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      __type: 'com.amazon.coral.service#AccessDeniedException',
      message: expect.stringMatching(
        /is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:/,
      ),
    });
    expect(lastCalls(1)).toEqual([
      { caller: 'Reader', action: 'dynamodb:PutItem', resource: 'KEYS', allowed: false },
    ]);
    const get = { operation: 'GetItem', body: { TableName: table('Keys'), Key: { pk: { S: 'refused' } } } };
    expect((await call(first, 'Reader', get)).body).toEqual({});
  });

  test('a Deny wins over an Allow of everything', async () => {
    const get = { operation: 'GetItem', body: { TableName: table('Other'), Key: { pk: { S: 'a' } } } };
    expect((await call(first, 'Reader', get)).status).toBe(400);
  });

  test('an index is a resource of its own, and wildcards reach it', async () => {
    const query = {
      TableName: table('Keys'),
      IndexName: 'by-owner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'o' } },
    };
    expect((await call(first, 'Reader', { operation: 'Query', body: query })).status).toBe(200);
    expect(lastCalls(1)[0]).toMatchObject({
      action: 'dynamodb:Query',
      resource: 'KEYS/index/by-owner',
      allowed: true,
    });
    const elsewhere = { operation: 'Query', body: { ...query, IndexName: 'other' } };
    expect((await call(first, 'Reader', elsewhere)).body.__type).toContain('AccessDenied');
  });

  test('a transaction needs the action of each of its parts', async () => {
    const update = {
      TableName: table('Keys'),
      Key: { pk: { S: 'u' } },
      UpdateExpression: 'SET a = :a',
      ExpressionAttributeValues: { ':a': { S: '1' } },
    };
    const allowed = {
      TransactItems: [{ Put: { TableName: table('Keys'), Item: item('t') } }, { Update: update }],
    };
    expect((await call(first, 'Writer', { operation: 'TransactWriteItems', body: allowed })).status).toBe(
      200,
    );
    expect(lastCalls(2)).toEqual([
      { caller: 'Writer', action: 'dynamodb:PutItem', resource: 'KEYS', allowed: true },
      { caller: 'Writer', action: 'dynamodb:UpdateItem', resource: 'KEYS', allowed: true },
    ]);
    const check = {
      TableName: table('Keys'),
      Key: { pk: { S: 't' } },
      ConditionExpression: 'attribute_exists(pk)',
    };
    const refused = {
      TransactItems: [{ Put: { TableName: table('Keys'), Item: item('x') } }, { ConditionCheck: check }],
    };
    expect((await call(first, 'Writer', { operation: 'TransactWriteItems', body: refused })).status).toBe(
      400,
    );
    expect(lastCalls(1)[0]).toMatchObject({ action: 'dynamodb:ConditionCheckItem', allowed: false });
    const deletion = { TransactItems: [{ Delete: { TableName: table('Keys'), Key: { pk: { S: 't' } } } }] };
    expect((await call(first, 'Writer', { operation: 'TransactWriteItems', body: deletion })).status).toBe(
      400,
    );
    const get = { TransactItems: [{ Get: { TableName: table('Keys'), Key: { pk: { S: 't' } } } }] };
    expect((await call(first, 'Reader', { operation: 'TransactGetItems', body: get })).status).toBe(200);
    expect(lastCalls(1)[0]).toMatchObject({ action: 'dynamodb:GetItem', allowed: true });
  });

  test('a batch has an action of its own, on every table it names', async () => {
    const write = [{ PutRequest: { Item: item('b') } }];
    const one = { RequestItems: { [table('Keys')]: write } };
    expect((await call(first, 'Writer', { operation: 'BatchWriteItem', body: one })).status).toBe(200);
    const two = { RequestItems: { [table('Keys')]: write, [table('Other')]: write } };
    expect((await call(first, 'Writer', { operation: 'BatchWriteItem', body: two })).status).toBe(400);
    const keys = { RequestItems: { [table('Keys')]: { Keys: [{ pk: { S: 'b' } }] } } };
    expect((await call(first, 'Reader', { operation: 'BatchGetItem', body: keys })).status).toBe(400);
    expect(lastCalls(1)[0]).toMatchObject({
      action: 'dynamodb:BatchGetItem',
      resource: 'KEYS',
      allowed: false,
    });
  });

  test('what the runner cannot judge, credentials it never gave out and other services are refused', async () => {
    const statement = {
      operation: 'ExecuteStatement',
      body: { Statement: `SELECT * FROM "${table('Keys')}"` },
    };
    expect((await call(first, 'Reader', statement)).body.__type).toContain('AccessDenied');
    const stranger = { operation: 'ListTables', body: {}, accessKeyId: 'AKIASTRANGER' };
    expect((await call(first, 'Reader', stranger)).body.__type).toContain('UnrecognizedClient');
    const elsewhere = await call(first, 'Reader', {
      target: 'AWSCognitoIdentityProviderService.ListUsers',
      body: {},
    });
    expect(elsewhere.status).toBe(400);
    expect(first.logged('dynamodb').at(-1)).toContain('does not run here');
  });
});

describe('namespaces', () => {
  test('two runs on one DynamoDB Local see nothing of each other', async () => {
    await call(first, 'Writer', {
      operation: 'PutItem',
      body: { TableName: table('Keys'), Item: item('mine') },
    });
    const get = { operation: 'GetItem', body: { TableName: table('Keys'), Key: { pk: { S: 'mine' } } } };
    expect((await call(first, 'Reader', get)).body).toEqual({ Item: item('mine') });
    expect((await call(second, 'Reader', get)).body).toEqual({});
  });

  test('the operator reaches the tables of the run under any credentials and Region, unrecorded', async () => {
    const before = first.run.recordedCalls().length;
    const operator = { endpoint: first.run.dynamodbEndpoint, accessKeyId: 'anyone', region: 'eu-west-1' };
    await callDynamoDb(operator, 'PutItem', { TableName: table('Other'), Item: { pk: { S: 'op' } } });
    const { Items } = await callDynamoDb(operator, 'Scan', { TableName: table('Other') });
    expect(Items).toEqual([{ pk: { S: 'op' } }]);
    expect(first.run.recordedCalls()).toHaveLength(before);
  });

  test('tables have the keys, indexes and expiry that the template declares', async () => {
    const operator = { endpoint: first.run.dynamodbEndpoint, accessKeyId: 'anyone', region: 'us-east-1' };
    const { Table: described } = await callDynamoDb(operator, 'DescribeTable', { TableName: table('Keys') });
    expect(described).toMatchObject({
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [{ IndexName: 'by-owner', Projection: { ProjectionType: 'KEYS_ONLY' } }],
    });
    const expiry = await callDynamoDb(operator, 'DescribeTimeToLive', { TableName: table('Keys') });
    expect(expiry).toMatchObject({
      TimeToLiveDescription: { AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' },
    });
  });
});

describe('an intercepted call', () => {
  const put = (pk: string) => ({ operation: 'PutItem', body: { TableName: table('Keys'), Item: item(pk) } });
  const get = (pk: string) => ({
    operation: 'GetItem',
    body: { TableName: table('Keys'), Key: { pk: { S: pk } } },
  });

  test('can be answered in the place of DynamoDB, which then never sees it', async () => {
    intercept = ({ operation }) =>
      operation === 'PutItem'
        ? { kind: 'answer', status: 500, body: { __type: 'InternalServerError' } }
        : undefined;
    expect(await call(first, 'Writer', put('lost'))).toMatchObject({ status: 500 });
    expect((await call(first, 'Reader', get('lost'))).body).toEqual({});
  });

  test('can meet a connection that breaks before DynamoDB has seen it', async () => {
    intercept = ({ operation }) => (operation === 'PutItem' ? { kind: 'reset' } : undefined);
    await expect(call(first, 'Writer', put('never'))).rejects.toThrow('fetch failed');
    expect((await call(first, 'Reader', get('never'))).body).toEqual({});
  });

  test('can be done at once and answered late', async () => {
    const seen: string[] = [];
    intercept = ({ operation }) =>
      operation === 'PutItem' ? { kind: 'delay-answer', milliseconds: 1_000 } : undefined;
    const writing = call(first, 'Writer', put('late')).then(() => seen.push('answered'));
    while ((await call(first, 'Reader', get('late'))).body.Item === undefined);
    seen.push('done');
    await writing;
    expect(seen).toEqual(['done', 'answered']);
  });

  test('can be done and its answer lost', async () => {
    intercept = ({ operation }) => (operation === 'PutItem' ? { kind: 'drop-answer' } : undefined);
    await expect(call(first, 'Writer', put('done'))).rejects.toThrow('fetch failed');
    expect((await call(first, 'Reader', get('done'))).body).toEqual({ Item: item('done') });
  });
});
