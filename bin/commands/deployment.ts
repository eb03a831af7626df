import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Command } from 'commander';
import { type EventRetention, parseEventRetention } from '../../core/audit/event-store.ts';
import { readCommittedSettings } from '../../lib/settings.ts';
import { stackNameOf } from '../../lib/stack-names.ts';
import { dynamoDbClient } from '../../stores/dynamodb/table/client.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { awsAccess } from '../aws-access.ts';
import { deploymentName, retention, TABLE_NAMES, tableNames } from './arguments.ts';

export interface Deployment {
  readonly tables: OperatorTables;
  /** The plans that a workspace may have, the default first; empty where there are none. */
  readonly plans: readonly string[];
}

/** Finds what commands act on. */
export type FindDeployment = () => Promise<Deployment>;

interface Chosen {
  readonly name?: string;
  readonly stackPrefix?: string;
  readonly tables?: readonly [string, string, string, string];
  readonly retention?: EventRetention;
}

/** Adds the options that say what a command acts on. @returns what finds it. */
export function addDeploymentOptions(program: Command): FindDeployment {
  program
    .option(
      '--name <name>',
      'the deployment’s name, where it is not the one that cdk.json says',
      deploymentName,
    )
    .option(
      '--stack-prefix <prefix>',
      'the same, for stacks whose whole prefix cdk.json says',
      deploymentName,
    )
    .option('--tables <names>', `${TABLE_NAMES}, instead of those of the stacks`, tableNames)
    .option('--retention <days>', 'with --tables: for how many days events are kept, or forever', retention);
  return () => findDeployment(program.opts<Chosen>());
}

/** What is deployed, found through the outputs of its data stack; or tables by their names. */
async function findDeployment({ tables, retention, ...chosen }: Chosen): Promise<Deployment> {
  if (tables !== undefined) {
    const [records, secrets, events, managementKeys] = tables;
    const client = dynamoDbClient(awsAccess());
    const kept = retention === undefined ? {} : { eventRetention: retention };
    return { tables: { client, records, secrets, events, managementKeys, ...kept }, plans: [] };
  }
  if (retention !== undefined)
    throw new Error(
      '--retention is for --tables: what was deployed says itself for how long events are kept.',
    );
  const stackName = dataStackName(chosen);
  const access = awsAccess();
  const { Stacks = [] } = await new CloudFormationClient(access).send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string) => {
    const value = outputs.get(key);
    if (value === undefined)
      throw new Error(
        `The stack ${stackName} has no output ${key}. Was it deployed by this version of Keyward?`,
      );
    return value;
  };
  return {
    tables: {
      client: dynamoDbClient(access),
      records: output('RecordsTable'),
      secrets: output('SecretsTable'),
      events: output('EventsTable'),
      managementKeys: output('ManagementKeysTable'),
      eventRetention: parseEventRetention(output('EventsRetention'), 'The output EventsRetention'),
    },
    plans: outputs.get('Plans')?.split(',') ?? [],
  };
}

/** @param chosen what was said on the command line, which goes before what `cdk.json` says. */
function dataStackName({ name, stackPrefix }: Pick<Chosen, 'name' | 'stackPrefix'>): string {
  if (name !== undefined && stackPrefix !== undefined)
    throw new Error('--name and --stack-prefix both name the stacks: leave one out.');
  if (stackPrefix !== undefined) return stackNameOf({ profile: '', stackPrefix }, 'Data');
  return stackNameOf(name === undefined ? readCommittedSettings() : { profile: name }, 'Data');
}
