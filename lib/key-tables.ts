import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type RoleCopies, roleCopiesOf } from '../core/member-store.ts';
import type { Profile } from '../core/profile.ts';

/** Named as in `stores/dynamodb/tables.ts`, which lives in another world: the functions', not the stacks'. */
const PENDING_INDEX = 'pending';

type TableName = 'records' | 'secrets' | 'events';
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
}

/**
 * The tables of one product's keys, and what each kind of function may do with them. Every grant is as narrow as its
 * intent.
 */
export class KeyTables extends Construct {
  readonly records: Table;
  readonly secrets: Table;
  readonly events: Table;
  readonly #limitsActiveKeys: boolean;
  readonly #comparesSecrets: boolean;
  readonly #hasTokens: boolean;
  readonly #hasPlans: boolean;
  readonly #roleCopies: RoleCopies;

  constructor(scope: Construct, id: string, { profile }: KeyTablesProps) {
    super(scope, id);
    this.#limitsActiveKeys = profile.maxActiveKeys !== undefined;
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
    this.events = new Table(this, 'Events', KEPT);
  }

  /** Checks credentials and notes or counts their use: what an authorizer does. Never sees the records. */
  grantVerify(fn: LambdaFunction): void {
    this.#allow(fn, 'secrets', ['GetItem', 'UpdateItem', ...this.#lookUpActions()]);
  }

  /** Looks at a credential and leaves no trace. */
  grantInspect(fn: LambdaFunction): void {
    this.#allow(fn, 'secrets', ['GetItem', ...this.#lookUpActions()]);
  }

  grantIssue(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'PutItem', 'ConditionCheckItem', ...this.#placeActions('Query')]);
    this.#allow(fn, 'secrets', ['PutItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantRead(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query', 'BatchGetItem']);
    this.#allow(fn, 'secrets', ['BatchGetItem']);
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

  grantRevoke(fn: LambdaFunction): void {
    this.#grantChange(fn);
  }

  /** Finishes changes that others began. */
  grantSweep(fn: LambdaFunction): void {
    this.#allow(fn, 'records', [
      ...(['GetItem', 'PutItem', 'UpdateItem', 'Query'] as const),
      ...this.#placeActions('DeleteItem'),
    ]);
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
  }

  grantRevokeToken(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem']);
    this.#allow(fn, 'secrets', ['UpdateItem', 'BatchGetItem']);
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
  }

  grantInvite(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'PutItem', 'ConditionCheckItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  grantReadInvitations(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query']);
  }

  grantRevokeInvitation(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'DeleteItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  /** Makes people members who were invited: finds their invitations, looks at their inviters, takes the invitations away. */
  grantAcceptInvitations(fn: LambdaFunction): void {
    this.#grantMembership(fn, ['DeleteItem']);
  }

  /** A plan reaches keys, whatever was under way on them. */
  grantUpdateWorkspace(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem', 'ConditionCheckItem']);
    this.#allow(fn, 'events', ['PutItem']);
    if (!this.#hasPlans) return;
    this.#allow(fn, 'records', ['Query', ...this.#placeActions('DeleteItem')]);
    this.#allow(fn, 'secrets', ['UpdateItem']);
  }

  grantReadMembers(fn: LambdaFunction): void {
    this.#allow(fn, 'records', ['GetItem', 'Query']);
  }

  /** A removal that was left half done is finished here too. */
  grantPutMember(fn: LambdaFunction): void {
    this.#grantMembership(fn, this.#roleCopies.length > 0 ? this.#placeActions('DeleteItem') : []);
  }

  grantRemoveMember(fn: LambdaFunction): void {
    this.#grantMembership(fn, ['DeleteItem']);
  }

  #grantMembership(fn: LambdaFunction, further: readonly Action[]): void {
    const own = ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'ConditionCheckItem'] as const;
    this.#allow(fn, 'records', [...own, ...further]);
    this.#allow(fn, 'secrets', this.#roleCopies.length > 0 ? ['UpdateItem'] : []);
    this.#allow(fn, 'events', ['PutItem']);
  }

  #grantChange(fn: LambdaFunction): void {
    // A revocation that was left half done is finished here too, and frees its place.
    this.#allow(fn, 'records', ['GetItem', 'UpdateItem', ...this.#placeActions('DeleteItem')]);
    this.#allow(fn, 'secrets', ['UpdateItem', 'BatchGetItem']);
    this.#allow(fn, 'events', ['PutItem']);
  }

  /** Places exist only where the profile limits active keys, and so do the permissions to move them. */
  #placeActions(...actions: Action[]): Action[] {
    return this.#limitsActiveKeys ? actions : [];
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

  #allow(fn: LambdaFunction, table: TableName, actions: readonly Action[]): void {
    if (actions.length === 0) return;
    // Not `table.grant()`: that would add every index to whoever may read the table.
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this[table].tableArn],
      }),
    );
  }

  /** The variables by which every function finds the tables. */
  get environment(): Record<string, string> {
    return {
      KEYWARD_RECORDS_TABLE: this.records.tableName,
      KEYWARD_SECRETS_TABLE: this.secrets.tableName,
      KEYWARD_EVENTS_TABLE: this.events.tableName,
    };
  }
}

/** Keys outlive the stack: losing them locks every customer out at once. */
const KEPT: TableProps = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  // The account's own key for DynamoDB: whoever reads a table leaves a trace in CloudTrail, and nobody can delete the key.
  encryption: TableEncryption.AWS_MANAGED,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
};
