import { Token, TokenComparison } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import {
  type IGrantable,
  type IPrincipal,
  type IResourceWithPolicy,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import type { EventRetention } from '../../core/audit/event-store.ts';
import type { Profile } from '../../core/profile/profile.ts';
import type { ProfileFile } from '../files/profile-file.ts';
import { type Purpose, type TableGrant, type TableName, tableGrantsFor } from './table-grants.ts';

/** The functions know this name from `stores/dynamodb/table/tables.ts`. The stacks do not import their code. */
export const PENDING_INDEX = 'pending';

/** The tables of one product's keys, made in this stack or elsewhere. */
export interface IKeyTables extends IConstruct {
  /** Workspaces, members, keys and invitations, as people see them. */
  readonly records: ITable;
  /** What verification reads and writes. */
  readonly secrets: ITable;
  /** The audit log. */
  readonly events: ITable;
  /** Only the authorizer of the management API reaches this table. */
  readonly managementKeys: ITable;
  /** For how many days events are kept, or `forever`. */
  readonly eventRetention: EventRetention;
  /** The profile of the product that the keys belong to, and its file. */
  readonly profileFile: ProfileFile;
  /** The profile of the product that the keys belong to. */
  readonly profile: Profile;
  /** The name of the profile. */
  readonly product: string;
  /** The name of the CloudFormation export that says so. `undefined` for tables that another app or account has made. */
  readonly productExport: string | undefined;
  /** The variables by which Keyward's functions find the tables, except the table of management keys. */
  readonly environment: Record<string, string>;
  /** The variables by which a guard of `keyward/middleware` or `keyward/guard` finds the keys. */
  readonly verifyEnvironment: Record<string, string>;
  /**
   * Lets a function, an alias, the task role of a container, or a whole account verify the product's credentials, as a guard
   * does. Also give its code the variables of {@link verifyEnvironment}.
   * @throws for an account and tables that were made elsewhere: only the app that makes a table can write the policy of it.
   */
  grantVerify(grantee: IGrantable): void;
  /** Lets a function of Keyward's do with the tables what its purpose needs, and nothing else. */
  grant(purpose: Purpose, grantee: IGrantable): void;
  /** Lets the authorizer of the management API verify management keys, and tells it where they are. */
  grantVerifyManagementKeys(fn: LambdaFunction): void;
}

/** What may be done with the tables, wherever they were made. */
export abstract class TableAccess extends Construct implements IKeyTables {
  abstract readonly records: ITable;
  abstract readonly secrets: ITable;
  abstract readonly events: ITable;
  abstract readonly managementKeys: ITable;
  abstract readonly eventRetention: EventRetention;
  abstract readonly productExport: string | undefined;
  readonly profileFile: ProfileFile;

  constructor(scope: Construct, id: string, profileFile: ProfileFile) {
    super(scope, id);
    this.profileFile = profileFile;
  }

  get profile(): Profile {
    return this.profileFile.profile;
  }

  get product(): string {
    return this.profile.name;
  }

  get environment(): Record<string, string> {
    return {
      KEYWARD_RECORDS_TABLE: this.records.tableName,
      ...this.verifyEnvironment,
      KEYWARD_EVENTS_TABLE: this.events.tableName,
      KEYWARD_EVENT_RETENTION_DAYS: String(this.eventRetention),
    };
  }

  get verifyEnvironment(): Record<string, string> {
    return { KEYWARD_SECRETS_TABLE: this.secrets.tableName };
  }

  grantVerify(grantee: IGrantable): void {
    this.grant('verify', grantee);
  }

  grant(purpose: Purpose, grantee: IGrantable): void {
    for (const { table, actions } of tableGrantsFor(this.profile)[purpose])
      if (actions.length > 0) this.#grantOn({ table, actions }, grantee.grantPrincipal);
  }

  grantVerifyManagementKeys(fn: LambdaFunction): void {
    fn.addEnvironment('KEYWARD_MANAGEMENT_KEYS_TABLE', this.managementKeys.tableName);
    this.grant('verify-management-keys', fn);
  }

  /** Not by `table.grant()`: that would add every index to whatever may read the table. */
  #grantOn({ table, actions: operations }: TableGrant, principal: IPrincipal): void {
    const granted = table === 'pending' ? this.records : this[table];
    const actions = operations.map((operation) => `dynamodb:${operation}`);
    const { statementAdded } = principal.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [this.#arnOf(table)] }),
    );
    // Across accounts, both sides must allow it. An account, or a role that is known by its ARN only, has no policy here.
    if (!statementAdded || isOfOtherAccount(principal, granted)) {
      const isAllowed = allowOnTable(granted, principal, actions);
      if (!statementAdded && !isAllowed) throw new Error(this.#powerlessGrant(principal));
    }
    granted.encryptionKey?.grant(principal, ...USE_OF_KEY);
  }

  #powerlessGrant(principal: IPrincipal): string {
    return `${principal} has no policy in this app, and the tables ${this.node.path} were made elsewhere: grant it in the app that makes them.`;
  }

  #arnOf(table: TableName): string {
    return table === 'pending' ? `${this.records.tableArn}/index/${PENDING_INDEX}` : this[table].tableArn;
  }
}

/** What DynamoDB asks of the caller when a customer's own key encrypts a table. */
export const USE_OF_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];

/** @returns whether the table has a policy here. That of an imported table stands in the app that made it. */
function allowOnTable(table: ITable, principal: IPrincipal, actions: string[]): boolean {
  if (!('addToResourcePolicy' in table)) return false;
  // In the policy of a table, every resource is that table. Its ARN would make the table depend on itself.
  const statement = new PolicyStatement({ actions, principals: [principal], resources: ['*'] });
  return (table as ITable & IResourceWithPolicy).addToResourcePolicy(statement).statementAdded;
}

function isOfOtherAccount({ principalAccount }: IPrincipal, { env }: ITable): boolean {
  if (principalAccount === undefined) return false;
  return Token.compareStrings(principalAccount, env.account) === TokenComparison.DIFFERENT;
}
