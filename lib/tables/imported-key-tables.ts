import { Arn, ArnFormat, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  DEFAULT_RETENTION_DAYS,
  type EventRetention,
  parseEventRetention,
} from '../../core/audit/event-store.ts';
import { type ProfileFile, profileFileOf } from '../files/profile-file.ts';
import { TableAccess } from './table-access.ts';

type Name = 'records' | 'secrets' | 'events' | 'managementKeys';

/**
 * Tables that were made elsewhere. Each is a name, an ARN that is written out, or CDK's table. An ARN that is known only at
 * deployment counts as a name, so pass it as `Table.fromTableArn(…)`. Only `secrets` may be of another account. Nothing checks
 * that the tables are those of the profile.
 */
export interface KeyTableNames {
  /** The profile of the product: its name, the path of its file, or what `loadProfile` has read. */
  readonly profile: string | ProfileFile;
  /** All that verifying needs. It is the output `SecretsTable` of the deployment. */
  readonly secrets: string | ITable;
  /**
   * The output `RecordsTable`.
   * @default none: the tables are for verifying only
   */
  readonly records?: string | ITable | undefined;
  /**
   * The output `EventsTable`.
   * @default none: the tables are for verifying only
   */
  readonly events?: string | ITable | undefined;
  /**
   * The output `ManagementKeysTable`.
   * @default none: the tables are for verifying only
   */
  readonly managementKeys?: string | ITable | undefined;
  /**
   * For how many days the management API keeps events.
   * @default 400
   */
  readonly eventRetention?: EventRetention | undefined;
  /**
   * The key of KMS that encrypts the tables.
   * @default a key that nobody needs to be granted
   */
  readonly encryptionKey?: IKey | undefined;
}

export class ImportedKeyTables extends TableAccess {
  readonly eventRetention: EventRetention;
  /** Another app has made the export, and may be deployed in another account. */
  readonly productExport = undefined;
  /** Its name or its ARN. */
  readonly #secrets: string;
  readonly #tables: Readonly<Partial<Record<Name, ITable>>>;

  /** @throws for a table of another Region: functions read the tables of their own. */
  constructor(scope: Construct, id: string, names: KeyTableNames) {
    super(scope, id, profileFileOf(names.profile));
    this.eventRetention = parseEventRetention(
      names.eventRetention ?? DEFAULT_RETENTION_DAYS,
      'eventRetention',
    );
    const { secrets, records, events, managementKeys, encryptionKey } = names;
    this.#secrets = typeof secrets === 'string' ? secrets : secrets.tableArn;
    const given = Object.entries({ secrets, records, events, managementKeys });
    this.#tables = Object.fromEntries(
      given.flatMap(([name, table]) =>
        table === undefined ? [] : [[name, this.#import(name, table, encryptionKey)]],
      ),
    );
  }

  get records(): ITable {
    return this.#get('records');
  }

  get secrets(): ITable {
    return this.#get('secrets');
  }

  get events(): ITable {
    return this.#get('events');
  }

  get managementKeys(): ITable {
    return this.#get('managementKeys');
  }

  /** A name means a table of the caller's own account. DynamoDB takes an ARN in its place. */
  override get verifyEnvironment(): Record<string, string> {
    return { KEYWARD_SECRETS_TABLE: this.#secrets };
  }

  #import(name: string, table: string | ITable, encryptionKey: IKey | undefined): ITable {
    const id = name.replace(/^./, (letter) => letter.toUpperCase());
    const key = encryptionKey && { encryptionKey };
    if (typeof table === 'string' && !table.startsWith('arn:'))
      return Table.fromTableAttributes(this, id, { tableName: table, ...key });
    const tableArn = typeof table === 'string' ? table : table.tableArn;
    this.#assertReachable(name, tableArn);
    const isWhole = typeof table !== 'string' && (key === undefined || table.encryptionKey !== undefined);
    return isWhole ? table : Table.fromTableAttributes(this, id, { tableArn, ...key });
  }

  /** What is known only at deployment may be right. */
  #assertReachable(name: string, tableArn: string): void {
    const { region = '', account = '' } = Arn.split(tableArn, ArnFormat.SLASH_RESOURCE_NAME);
    const own = Stack.of(this);
    if (isDifferent(region, own.region))
      throw new Error(
        `The table ${tableArn} is in ${region}, and this stack is in ${own.region}: functions read the tables of their own Region.`,
      );
    if (name !== 'secrets' && isDifferent(account, own.account))
      throw new Error(
        `The table ${tableArn} is of another account: only \`secrets\` can be, since a management API writes all tables in one transaction.`,
      );
  }

  #get(name: Name): ITable {
    const table = this.#tables[name];
    if (table !== undefined) return table;
    throw new Error(
      `The tables ${this.node.path} were imported without \`${name}\`, which the management API needs: name it in fromTableNames.`,
    );
  }
}

function isDifferent(one: string, other: string): boolean {
  return Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}
