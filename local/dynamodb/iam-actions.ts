import { isObject, type JsonObject } from '../assembly/json.ts';
import type { IamAction } from '../functions/caller.ts';

export interface TableLocation {
  readonly region: string;
  readonly account: string;
}

/** Operations on the one table that `TableName` names. */
const TABLE_OPERATIONS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'CreateTable',
  'DescribeTable',
  'UpdateTable',
  'DeleteTable',
  'DescribeTimeToLive',
  'UpdateTimeToLive',
  'DescribeContinuousBackups',
];

/** IAM checks a transaction by the actions of its parts. The transaction has no action of its own. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

/**
 * The IAM actions that one request needs, each with its resource.
 * @returns undefined for an operation that the runner cannot judge, such as PartiQL.
 * @see "Actions, resources, and condition keys for Amazon DynamoDB", Service Authorization Reference
 * @see "Using IAM with DynamoDB transactions", Amazon DynamoDB Developer Guide
 */
export function iamActionsOf(
  operation: string,
  body: JsonObject,
  location: TableLocation,
): IamAction[] | undefined {
  if (TABLE_OPERATIONS.includes(operation)) {
    return [{ action: `dynamodb:${operation}`, resource: resourceOf(body, location) }];
  }
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    const tables = isObject(body.RequestItems) ? Object.keys(body.RequestItems) : [];
    return tables.map((TableName) => ({
      action: `dynamodb:${operation}`,
      resource: resourceOf({ TableName }, location),
    }));
  }
  if (operation === 'TransactGetItems' || operation === 'TransactWriteItems') return partsOf(body, location);
  return undefined;
}

function partsOf(body: JsonObject, location: TableLocation): IamAction[] | undefined {
  const items = Array.isArray(body.TransactItems) ? body.TransactItems : [];
  const actions: IamAction[] = [];
  for (const item of items) {
    for (const [part, request] of Object.entries(isObject(item) ? item : {})) {
      const action = TRANSACTION_ACTIONS[part];
      if (!action || !isObject(request)) return undefined;
      const resource = resourceOf(request, location);
      const known = actions.some((other) => other.action === action && other.resource === resource);
      if (!known) actions.push({ action, resource });
    }
  }
  return actions;
}

/** IAM checks a request that reads an index by the index alone. A request may name its table by ARN. */
function resourceOf(request: JsonObject, { region, account }: TableLocation): string {
  const table = String(request.TableName);
  const arn = table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${account}:table/${table}`;
  return typeof request.IndexName === 'string' ? `${arn}/index/${request.IndexName}` : arn;
}
