import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import { type EventRetention, parseEventRetention } from '../../core/audit/event-store.ts';
import { readCommittedSettings } from '../../lib/settings.ts';
import { stackNameOf } from '../../lib/stack-names.ts';
import { dynamoDbClient } from '../../stores/dynamodb/table/client.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import type { Output } from '../output.ts';
import { parseDeploymentName, parseRetention, parseTableNames, TABLE_NAMES } from './arguments.ts';

export interface Deployment {
  readonly tables: OperatorTables;
  /** The plans that a workspace may have, the default first. Empty where the product has no plans. */
  readonly plans: readonly string[];
}

/** What every command needs: the deployment that it acts on, and where it writes. */
export interface CommandContext {
  readonly findDeployment: () => Promise<Deployment>;
  readonly output: Output;
}

/** How the clients of the command line reach AWS. */
export type Access = () => DynamoDBClientConfig & CloudFormationClientConfig;

interface Chosen {
  readonly name?: string;
  readonly stackPrefix?: string;
  readonly tables?: readonly [string, string, string, string];
  readonly retention?: EventRetention;
}

/**
 * Adds the options that say which deployment a command acts on.
 * @returns a function that finds it, once the options are read.
 */
export function addDeploymentOptions(program: Command, access: Access): () => Promise<Deployment> {
  program
    .option(
      '--name <name>',
      'the deployment’s name, where it is not the one in cdk.json',
      parseDeploymentName,
    )
    .option(
      '--stack-prefix <prefix>',
      'the same, for stacks whose whole prefix is in cdk.json',
      parseDeploymentName,
    )
    .option('--tables <names>', `${TABLE_NAMES}, instead of those of the stacks`, parseTableNames)
    .option(
      '--retention <days>',
      'with --tables: for how many days events are kept, or forever',
      parseRetention,
    );
  return () => findDeployment(program.opts<Chosen>(), access);
}

/** Finds tables by their names, or by the outputs of the data stack. */
async function findDeployment({ tables, retention, ...chosen }: Chosen, access: Access): Promise<Deployment> {
  if (tables !== undefined) {
    const [records, secrets, events, managementKeys] = tables;
    const named = { client: dynamoDbClient(access()), records, secrets, events, managementKeys };
    return {
      tables: retention === undefined ? named : { ...named, eventRetention: retention },
      plans: [],
    };
  }
  if (retention !== undefined)
    throw new Error('--retention is for --tables: a deployment itself says for how long it keeps events.');
  const stackName = dataStackName(chosen);
  const config = access();
  const { Stacks = [] } = await new CloudFormationClient(config).send(
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
      client: dynamoDbClient(config),
      records: output('RecordsTable'),
      secrets: output('SecretsTable'),
      events: output('EventsTable'),
      managementKeys: output('ManagementKeysTable'),
      eventRetention: parseEventRetention(output('EventsRetention'), 'The output EventsRetention'),
    },
    plans: outputs.get('Plans')?.split(',') ?? [],
  };
}

/** @param chosen the names on the command line. They go before those of `cdk.json`. */
function dataStackName({ name, stackPrefix }: Pick<Chosen, 'name' | 'stackPrefix'>): string {
  if (name !== undefined && stackPrefix !== undefined)
    throw new Error('--name and --stack-prefix both name the stacks: leave one out.');
  if (stackPrefix !== undefined) return stackNameOf({ profile: '', stackPrefix }, 'Data');
  return stackNameOf(name === undefined ? readCommittedSettings() : { profile: name }, 'Data');
}
