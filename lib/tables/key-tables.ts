import { ReferenceStrength, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  DEFAULT_RETENTION_DAYS,
  type EventRetention,
  parseEventRetention,
} from '../../core/audit/event-store.ts';
import { type ProfileFile, profileFileOf } from '../files/profile-file.ts';
import { exportProduct } from './deployed-product.ts';
import { ImportedKeyTables, type KeyTableNames } from './imported-key-tables.ts';
import { type IKeyTables, PENDING_INDEX, TableAccess } from './table-access.ts';

/** The props of CDK's tables that Keyward leaves to you. */
export type OwnTableProps = Pick<
  TableProps,
  | 'contributorInsightsSpecification'
  | 'deletionProtection'
  | 'maxReadRequestUnits'
  | 'maxWriteRequestUnits'
  | 'pointInTimeRecoverySpecification'
  | 'removalPolicy'
  | 'warmThroughput'
>;

export interface KeyTablesProps {
  /** The profile of the product: its name, the path of its file, or what `loadProfile` has read. */
  readonly profile: string | ProfileFile;
  /**
   * For how many days events are kept: 30 to 3,650, or `forever`. A change applies to events that are written after it.
   * @default 400
   */
  readonly eventRetention?: EventRetention | undefined;
  /**
   * The key of KMS that encrypts the tables. Without the key, no credential can be verified any more.
   * @default the key that AWS manages for DynamoDB in the account, which nobody can delete
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * Props of CDK's `Table` for all four tables.
   * @default protected against deletion, kept when their stack is deleted, restorable to any moment of the last 35 days
   */
  readonly tableProps?: OwnTableProps | undefined;
}

/** The tables of one product's keys, and what each function may do with them. */
export class KeyTables extends TableAccess {
  readonly records: ITable;
  readonly secrets: ITable;
  readonly events: ITable;
  readonly managementKeys: ITable;
  readonly eventRetention: EventRetention;
  readonly productExport: string;

  /** The tables that another app, account or stack has made. Nothing is made here. */
  static fromTableNames(scope: Construct, id: string, names: KeyTableNames): IKeyTables {
    return new ImportedKeyTables(scope, id, names);
  }

  /** @throws where `eventRetention` is not valid, and `InvalidProfile` for such a profile. */
  constructor(scope: Construct, id: string, props: KeyTablesProps) {
    super(scope, id, profileFileOf(props.profile));
    this.eventRetention = parseEventRetention(
      props.eventRetention ?? DEFAULT_RETENTION_DAYS,
      'eventRetention',
    );
    this.productExport = exportProduct(this, this.profile);
    // Invitations expire: the addresses of people who never came are not kept.
    const records = this.#addTable('Records', props);
    records.addGlobalSecondaryIndex({
      indexName: PENDING_INDEX,
      partitionKey: { name: 'pending', type: AttributeType.STRING },
      sortKey: { name: 'pendingSince', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.records = records as ITable;
    this.secrets = this.#addTable('Secrets', props) as ITable;
    this.events = this.#addTable('Events', props) as ITable;
    this.managementKeys = this.#addTable('ManagementKeys', props) as ITable;
  }

  #addTable(id: string, { encryptionKey, tableProps = {} }: KeyTablesProps): Table {
    // What is `undefined` is not chosen. It must not take the protection away.
    const chosen = Object.fromEntries(Object.entries(tableProps).filter(([, value]) => value !== undefined));
    const encryption = encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey };
    const table = new Table(this, id, { ...KEPT, ...chosen, ...SHAPE, ...encryption });
    // CloudFormation replaces no table whose name another stack imports. An app's context must not weaken that.
    table.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
    return table;
  }
}

/**
 * Tables outlive their stack: without its keys, a product locks every customer out at once. Only a deployment that is rolled
 * back deletes the tables that it made itself. A test pins the logical ids: a table with another id is another table.
 * @see docs/decisions/0023-tables-that-stay.md
 */
const KEPT: OwnTableProps = {
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};

/** What the functions rely on. */
const SHAPE: TableProps = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  timeToLiveAttribute: 'deleteAt',
  billingMode: BillingMode.PAY_PER_REQUEST,
  // The key that AWS manages for DynamoDB in this account: CloudTrail records each use, and nobody can delete the key.
  encryption: TableEncryption.AWS_MANAGED,
};
