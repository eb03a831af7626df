import { ReferenceStrength, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  DEFAULT_RETENTION_DAYS,
  type EventRetention,
  parseEventRetention,
} from '../core/audit/event-store.ts';
import type { Profile } from '../core/profile/profile.ts';
import { type DeclaredProduct, exportProduct } from './deployed-product.ts';
import { type Purpose, type TableName, tableGrantsFor } from './table-grants.ts';

/** The functions know this name from `stores/dynamodb/table/tables.ts`. The stacks do not import their code. */
export const PENDING_INDEX = 'pending';

export interface KeyTablesProps {
  readonly profile: Profile;
  /**
   * For how many days events are kept: 30 to 3,650, or `forever`. A change applies to events that are written after it.
   * @default 400
   */
  readonly eventRetention?: EventRetention | undefined;
}

/** The tables of one product's keys, and what each function may do with them. */
export class KeyTables extends Construct implements DeclaredProduct {
  readonly records: Table;
  readonly secrets: Table;
  readonly events: Table;
  /** Only the authorizer of the management API reaches this table. */
  readonly managementKeys: Table;
  readonly eventRetention: EventRetention;
  readonly product: string;
  readonly productExport: string;
  /** The profile of the product that the keys belong to. */
  readonly profile: Profile;

  /** @throws where `eventRetention` is not valid. */
  constructor(scope: Construct, id: string, props: KeyTablesProps) {
    super(scope, id);
    const { profile, eventRetention = DEFAULT_RETENTION_DAYS } = props;
    this.profile = profile;
    this.eventRetention = parseEventRetention(eventRetention, 'eventRetention');
    this.product = profile.name;
    this.productExport = exportProduct(this, profile);
    // Invitations expire: the addresses of people who never came are not kept.
    this.records = new Table(this, 'Records', KEPT);
    this.records.addGlobalSecondaryIndex({
      indexName: PENDING_INDEX,
      partitionKey: { name: 'pending', type: AttributeType.STRING },
      sortKey: { name: 'pendingSince', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.secrets = new Table(this, 'Secrets', KEPT);
    this.events = new Table(this, 'Events', KEPT);
    this.managementKeys = new Table(this, 'ManagementKeys', KEPT);
    // CloudFormation replaces no table whose name another stack imports. An app's context must not weaken that.
    for (const table of [this.records, this.secrets, this.events, this.managementKeys])
      table.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
  }

  /** Lets a function do with the tables what its purpose needs, and nothing else. */
  grant(purpose: Purpose, fn: IFunction): void {
    for (const { table, actions } of tableGrantsFor(this.profile)[purpose]) {
      if (actions.length === 0) continue;
      // Not `table.grant()`: that would add every index to whatever may read the table.
      fn.addToRolePolicy(
        new PolicyStatement({
          actions: actions.map((action) => `dynamodb:${action}`),
          resources: [this.#arnOf(table)],
        }),
      );
    }
  }

  /** Lets a function verify the product's credentials, as its authorizer and its guards do. */
  grantVerify(fn: IFunction): void {
    this.grant('verify', fn);
  }

  /** Lets the authorizer of the management API verify management keys, and tells it where they are. */
  grantVerifyManagementKeys(fn: LambdaFunction): void {
    fn.addEnvironment('KEYWARD_MANAGEMENT_KEYS_TABLE', this.managementKeys.tableName);
    this.grant('verify-management-keys', fn);
  }

  /** The variables by which every function finds the tables, except the table of management keys. */
  get environment(): Record<string, string> {
    return {
      KEYWARD_RECORDS_TABLE: this.records.tableName,
      KEYWARD_SECRETS_TABLE: this.secrets.tableName,
      KEYWARD_EVENTS_TABLE: this.events.tableName,
      KEYWARD_EVENT_RETENTION_DAYS: String(this.eventRetention),
    };
  }

  #arnOf(table: TableName): string {
    return table === 'pending' ? `${this.records.tableArn}/index/${PENDING_INDEX}` : this[table].tableArn;
  }
}

/**
 * Tables outlive their stack: without its keys, a product locks every customer out at once. Only a deployment that is rolled
 * back deletes the tables that it made itself. A test pins the logical ids: a table with another id is another table.
 * @see docs/decisions/0023-tables-that-stay.md
 */
const KEPT: TableProps = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  timeToLiveAttribute: 'deleteAt',
  billingMode: BillingMode.PAY_PER_REQUEST,
  // The key that AWS manages for DynamoDB in this account: CloudTrail records each use, and nobody can delete the key.
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};
