import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Profile } from '../core/profile.ts';
import { KeyTables } from './key-tables.ts';

export interface DataStackProps extends StackProps {
  readonly profile: Profile;
}

/** What must not be lost: the tables. They stay when the stack goes. */
export class DataStack extends Stack {
  readonly tables: KeyTables;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { description: 'Keyward: where keys are kept', ...props });
    this.tables = new KeyTables(this, 'Keys', { profile: props.profile });
    const { defaultPlan, plans = {} } = props.profile.rateLimits ?? {};
    const others = Object.keys(plans).filter((plan) => plan !== defaultPlan);
    // The command line finds the tables by these names, and which plans a workspace may have, the default first.
    new CfnOutput(this, 'RecordsTable', { value: this.tables.records.tableName });
    new CfnOutput(this, 'SecretsTable', { value: this.tables.secrets.tableName });
    new CfnOutput(this, 'EventsTable', { value: this.tables.events.tableName });
    if (defaultPlan !== undefined)
      new CfnOutput(this, 'Plans', { value: [defaultPlan, ...others].join(',') });
  }
}
