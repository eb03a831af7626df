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
import { type RoleCopies, roleCopiesOf } from '../core/management/member-store.ts';
import type { Profile } from '../core/profile/profile.ts';
import { type DeclaredProduct, exportProduct } from './deployed-product.ts';

/** Named as in `stores/dynamodb/table/tables.ts`, which lives in another world: the functions', not the stacks'. */
export const PENDING_INDEX = 'pending';

type TableName = 'records' | 'secrets' | 'events' | 'managementKeys';
type Action =
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'Query'
  | 'BatchGetItem'
  | 'ConditionCheckItem';

export interface KeyTablesProps {
  readonly profile: Profile;
  /**
   * For how many days events are kept: 30 to 3,650, or forever. It holds for what is written from then on.
   * @default 400
   */
  readonly eventRetention?: EventRetention;
}

/**
 * The tables of one product's keys, and what each kind of function may do with them. Every grant is as narrow as its
 * intent.
 */
export class KeyTables extends Construct implements DeclaredProduct {
  readonly records: Table;
  readonly secrets: Table;
  readonly events: Table;
  /** Reached by the authorizer of the management API alone. */
  readonly managementKeys: Table;
  readonly eventRetention: EventRetention;
  readonly product: string;
  readonly productExport: string;
  /** Of the product whose keys these are. */
  readonly profile: Profile;
  readonly #comparesSecrets: boolean;
  readonly #hasTokens: boolean;
  readonly #hasPlans: boolean;
  readonly #roleCopies: RoleCopies;

  constructor(scope: Construct, id: string, props: KeyTablesProps) {
    super(scope, id);
    const { profile, eventRetention = DEFAULT_RETENTION_DAYS } = props;
    this.profile = profile;
    this.eventRetention = parseEventRetention(eventRetention, 'eventRetention');
    this.product = profile.name;
    this.productExport = exportProduct(this, profile);
    this.#comparesSecrets = profile.apiKey.storedAs === 'bcrypt';
    this.#hasTokens = profile.personalAccessTokens !== undefined;
    this.#hasPlans = profile.rateLimits !== undefined;
    this.#roleCopies = roleCopiesOf(profile);
    // Invitations end by themselves: addresses of people who never came are not kept.
    this.records = new Table(this, 'Records', { ...KEPT, timeToLiveAttribute: 'deleteAt' });
    this.records.addGlobalSecondaryIndex({
      indexName: PENDING_INDEX,
      partitionKey: { name: 'pending', type: AttributeType.STRING },
      sortKey: { name: 'pendingSince', type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.secrets = new Table(this, 'Secrets', { ...KEPT, timeToLiveAttribute: 'deleteAt' });
    this.events = new Table(this, 'Events', { ...KEPT, timeToLiveAttribute: 'deleteAt' });
    this.managementKeys = new Table(this, 'ManagementKeys', { ...KEPT, timeToLiveAttribute: 'deleteAt' });
    // Whatever an app's context says of references: CloudFormation replaces no table whose name another stack imports.
    for (const table of [this.records, this.secrets, this.events, this.managementKeys])
      table.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
  }

  /** Checks credentials and notes or counts their use: what an authorizer does. Never sees the records. */
  grantVerify(fn: IFunction): void {
    this.#allow(fn, 'secrets', ['GetItem', 'UpdateItem', ...this.#lookUpActions()]);
  }

  /**
   * Checks management keys and notes their use, for the authorizer of the management API. No other function may reach them:
   * code that can write one item there has every workspace.
   */
  grantVerifyManagementKeys(fn: LambdaFunction): void {
    fn.addEnvironment('KEYWARD_MANAGEMENT_KEYS_TABLE', this.managementKeys.tableName);
    this.#allow(fn, 'managementKeys', ['GetItem', 'UpdateItem']);
  }

  /** Looks at a credential and leaves no trace. */
  grantInspect(fn: LambdaFunction): void {
    this.#allow(fn, 'secrets', ['GetItem', ...this.#lookUpActions()]);
  }

  /**
   * Writes down that somebody known was refused, and nothing else: an event that is there is never put again, and none can be
   * read, changed or deleted.
   */
  grantNoteRefusals(fn: LambdaFunction): void {
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantIssue(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'PutItem', 'ConditionCheckItem', 'Query']);
    this.#allow(fn, 'secrets', ['PutItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantRead(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query', 'BatchGetItem']);
    this.#allow(fn, 'secrets', ['BatchGetItem']);
    this.grantNoteRefusals(fn);
  }

  /** The only one that reads the audit log. */
  grantReadEvents(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem']);
    this.#allow(fn, 'events', ['Query']);
    this.grantNoteRefusals(fn);
  }

  grantUpdate(fn: LambdaFunction): void {
    this.#grantChange(fn);
    this.#allow(fn, 'records', ['ConditionCheckItem']);
  }

  grantRotate(fn: LambdaFunction): void {
    this.#grantChange(fn);
    this.#allow(fn, 'records', ['ConditionCheckItem']);
    this.#allow(fn, 'secrets', ['PutItem']);
  }

  /** A token that ends itself is found in every workspace that it knows. */
  grantRevoke(fn: LambdaFunction): void {
    this.#grantChange(fn);
    this.#allow(fn, 'secrets', this.#tokenActions('Query'));
  }

  /** Finishes changes that others began. */
  grantSweep(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'DeleteItem']);
    this.#allow(fn, 'secrets', ['UpdateItem']);
    this.#allow(fn, 'events', ['PutItem']);
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: [`${this.records.tableArn}/index/${PENDING_INDEX}`],
      }),
    );
  }

  grantIssueToken(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['Query', 'BatchGetItem', 'PutItem', 'ConditionCheckItem']);
    this.#allow(fn, 'secrets', ['PutItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantReadTokens(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['Query', 'BatchGetItem']);
    this.#allow(fn, 'secrets', ['BatchGetItem']);
    this.grantNoteRefusals(fn);
  }

  grantRevokeToken(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem', 'DeleteItem']);
    this.#allow(fn, 'secrets', ['UpdateItem', 'BatchGetItem', 'Query']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  /** The tokens that a new owner has already reach the new workspace. */
  grantCreateWorkspace(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['PutItem', 'UpdateItem', ...this.#tokenActions('Query')]);
    this.#allow(fn, 'secrets', this.#tokenActions('UpdateItem'));
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantReadWorkspace(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem']);
    this.grantNoteRefusals(fn);
  }

  grantInvite(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'PutItem', 'ConditionCheckItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantReadInvitations(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query']);
    this.grantNoteRefusals(fn);
  }

  grantRevokeInvitation(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'DeleteItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  /** Makes people members who were invited: finds their invitations, looks at their inviters, takes the invitations away. */
  grantAcceptInvitations(fn: LambdaFunction): void {
    this.#grantMembership(fn, ['Query', 'DeleteItem']);
  }

  /** A plan reaches keys, whatever was under way on them. */
  grantUpdateWorkspace(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem', 'ConditionCheckItem']);
    this.#allow(fn, 'events', ['PutItem']);
    if (!this.#hasPlans) return;
    this.#allow(fn, 'records', ['Query', 'DeleteItem']);
    this.#allow(fn, 'secrets', ['UpdateItem']);
  }

  grantReadMembers(fn: LambdaFunction): void {
    this.grantDescribeMember(fn);
    this.grantNoteRefusals(fn);
  }

  /** Says who somebody is, which is refused to nobody. */
  grantDescribeMember(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query']);
  }

  /** A removal that was left half done is finished here too. */
  grantPutMember(fn: LambdaFunction): void {
    this.#grantMembership(fn, this.#roleCopies.length > 0 ? ['Query', 'DeleteItem'] : []);
  }

  grantRemoveMember(fn: LambdaFunction): void {
    // What the answer says of the member's keys is read together.
    this.#grantMembership(fn, ['Query', 'DeleteItem', 'BatchGetItem']);
  }

  #grantMembership(fn: LambdaFunction, further: readonly Action[]): void {
    const own = ['GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'] as const;
    this.#allow(fn, 'records', [...own, ...further]);
    this.#allow(fn, 'secrets', this.#roleCopies.length > 0 ? ['UpdateItem'] : []);
    this.#allow(fn, 'events', ['PutItem']);
  }

  #grantChange(fn: LambdaFunction): void {
    // A revocation that was left half done is finished here too, and frees its slots.
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem', 'DeleteItem']);
    this.#allow(fn, 'secrets', ['UpdateItem', 'BatchGetItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  /**
   * Beside reading one item: what cannot be looked up by value is queried for by its prefix, and a token is read together
   * with a membership. No other product's functions may do either.
   */
  #lookUpActions(): Action[] {
    return [...(this.#comparesSecrets ? (['Query'] as const) : []), ...this.#tokenActions('BatchGetItem')];
  }

  #tokenActions(...actions: Action[]): Action[] {
    return this.#hasTokens ? actions : [];
  }

  #allow(fn: IFunction, table: TableName, actions: readonly Action[]): void {
    if (actions.length === 0) return;
    // Not `table.grant()`: that would add every index to whoever may read the table.
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this[table].tableArn],
      }),
    );
  }

  /** The variables by which every function finds the tables, but for that of management keys. */
  get environment(): Record<string, string> {
    return {
      KEYWARD_RECORDS_TABLE: this.records.tableName,
      KEYWARD_SECRETS_TABLE: this.secrets.tableName,
      KEYWARD_EVENTS_TABLE: this.events.tableName,
      KEYWARD_EVENT_RETENTION_DAYS: String(this.eventRetention),
    };
  }
}

/**
 * Keys outlive the stack: losing them locks every customer out at once. Tables that the very deployment made which is rolled
 * back are not kept. The logical ids of tables are pinned by a test: another id is another table.
 * @see docs/decisions/0023-tables-that-stay.md
 */
const KEPT: TableProps = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  // The account's own key for DynamoDB: whoever reads a table leaves a trace in CloudTrail, and nobody can delete the key.
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
};
