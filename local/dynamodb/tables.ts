import { isObject, type Json, type JsonObject, type PropertyReader } from '../assembly/json.ts';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import { callDynamoDb, type Namespace } from './table-request.ts';

export interface RunningTable {
  readonly id: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly constructPath: string;
  readonly name: string;
  readonly arn: string;
}

/** Makes every table of the stacks, empty, in the namespace of this run. */
export async function createTables(
  stacks: readonly ResolvedStack[],
  namespace: Namespace,
): Promise<Record<string, RunningTable>> {
  const tables: Record<string, RunningTable> = {};
  for (const resource of stacks.flatMap((stack) => stack.resources)) {
    if (resource.type !== 'AWS::DynamoDB::Table' && resource.type !== 'AWS::DynamoDB::GlobalTable') continue;
    await createTable(resource, namespace);
    const { id, stackName, logicalId, constructPath, identity } = resource;
    const arn = identity.attributes.Arn ?? '';
    tables[id] = { id, stackName, logicalId, constructPath, name: identity.ref, arn };
  }
  return tables;
}

/** Drops the tables of this run, so that a shared DynamoDB Local gets its memory back. Does nothing if DynamoDB Local is gone. */
export async function dropTables(tables: Iterable<RunningTable>, namespace: Namespace): Promise<void> {
  const drops = [...tables].map(({ name }) => callDynamoDb(namespace, 'DeleteTable', { TableName: name }));
  await Promise.allSettled(drops);
}

async function createTable(resource: ResolvedResource, namespace: Namespace): Promise<void> {
  const { properties, identity, id } = resource;
  if (properties.list('Replicas').length > 1) {
    throw new CannotRun(`${id}: replicas in several Regions cannot be honoured on one machine; leave one.`);
  }
  const definition: JsonObject = {
    TableName: identity.ref,
    AttributeDefinitions: properties.list('AttributeDefinitions'),
    KeySchema: properties.list('KeySchema'),
    ...billingOf(properties),
  };
  const indexes = properties.list('GlobalSecondaryIndexes').map(keepHonoured);
  if (indexes.length > 0) definition.GlobalSecondaryIndexes = indexes;
  if (properties.has('StreamSpecification')) {
    definition.StreamSpecification = { StreamEnabled: true, ...properties.record('StreamSpecification') };
  }
  await callDynamoDb(namespace, 'CreateTable', definition).catch((cause: unknown) => {
    throw new CannotRun(
      `${id}: the table could not be created: ${cause instanceof Error ? cause.message : cause}.`,
    );
  });
  const timeToLive = properties.record('TimeToLiveSpecification');
  if (timeToLive.Enabled === true) {
    const update = { TableName: identity.ref, TimeToLiveSpecification: timeToLive };
    await callDynamoDb(namespace, 'UpdateTimeToLive', update);
  }
}

function billingOf(properties: PropertyReader): JsonObject {
  if (properties.optionalText('BillingMode') === 'PAY_PER_REQUEST') return { BillingMode: 'PAY_PER_REQUEST' };
  if (!properties.has('ProvisionedThroughput')) return { BillingMode: 'PAY_PER_REQUEST' };
  return { BillingMode: 'PROVISIONED', ProvisionedThroughput: properties.record('ProvisionedThroughput') };
}

function keepHonoured(index: Json): Json {
  if (!isObject(index)) return index;
  const { IndexName, KeySchema, Projection, ProvisionedThroughput } = index;
  return Object.fromEntries(
    Object.entries({ IndexName, KeySchema, Projection, ProvisionedThroughput }).filter(
      (entry): entry is [string, Json] => entry[1] !== undefined,
    ),
  );
}
