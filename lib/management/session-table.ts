import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeFinding } from '../parts/findings.ts';
import { USE_OF_KEY } from '../tables/table-access.ts';

/** What each function may do with sessions. No other function reaches them: code that can put one can be any person. */
const ACTIONS = {
  'management-authorizer': ['GetItem', 'UpdateItem'],
  'create-session': ['PutItem'],
  'exchange-session': ['GetItem', 'PutItem', 'DeleteItem'],
  'end-session': ['DeleteItem'],
  'revoke-sessions': ['Query', 'GetItem', 'DeleteItem'],
} as const;

type SessionPurpose = keyof typeof ACTIONS;

export interface SessionTableProps {
  /** @default the key that AWS manages for DynamoDB in the account */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * The links and the sessions that are in force. It stands beside the API that uses it and has no backup: a backup would bring
 * back what has ended, and who loses a session asks for another.
 */
export class SessionTable extends Construct {
  readonly #table: Table;

  constructor(scope: Construct, id: string, { encryptionKey }: SessionTableProps) {
    super(scope, id);
    this.#table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'deleteAt',
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: encryptionKey ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.AWS_MANAGED,
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeFinding(this.#table, 'DDB3');
  }

  /** Lets a function of this name do with sessions what it has to, and tells it where they are. */
  grant(fn: LambdaFunction, name: SessionPurpose): void {
    fn.addEnvironment('KEYWARD_SESSIONS_TABLE', this.#table.tableName);
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ACTIONS[name].map((action) => `dynamodb:${action}`),
        resources: [this.#table.tableArn],
      }),
    );
    this.#table.encryptionKey?.grant(fn, ...USE_OF_KEY);
  }
}

export function reachesSessions(name: string): name is SessionPurpose {
  return Object.hasOwn(ACTIONS, name);
}
