import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { parseEventRetention } from '../../../core/audit/event-store.ts';
import { readDeploymentFile } from '../../../lib/files/deployment-file.ts';
import { isDeploymentName, LONGEST_NAME, stackNameOf } from '../../../lib/files/stack-names.ts';
import { dynamoDbClient, UNHURRIED } from '../../../stores/dynamodb/table/client.ts';
import type { OperatorTables } from '../../../stores/dynamodb/table/tables.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Access, ChosenDeployment } from './deployment-options.ts';
import { findOutput } from './stack-outputs.ts';

export interface Deployment {
  readonly tables: OperatorTables;
  /** The plans that a workspace may have, the default first. Empty where the product has no plans. */
  readonly plans: readonly string[];
}

/** Finds tables by their names, or by the outputs of the data stack. */
export async function readDeployment(
  { tables, retention, stack, ...chosen }: ChosenDeployment,
  access: Access,
): Promise<Deployment> {
  if (tables !== undefined) {
    const [records, secrets, events, managementKeys] = tables;
    const client = dynamoDbClient({ ...UNHURRIED, ...(await access()) });
    const named = { client, records, secrets, events, managementKeys };
    return {
      tables: retention === undefined ? named : { ...named, eventRetention: retention },
      plans: [],
    };
  }
  const stackName = stack ?? dataStackName(chosen);
  const config = await access();
  const { Stacks = [] } = await new CloudFormationClient(config).send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const outputs = new Map(Stacks[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string) => {
    const value = findOutput(outputs, key, stackName);
    if (value === undefined)
      throw new Error(
        `The stack ${stackName} has no output ${key}. Was it deployed by this version of Keyward?`,
      );
    return value;
  };
  return {
    tables: {
      client: dynamoDbClient({ ...UNHURRIED, ...config }),
      records: output('RecordsTable'),
      secrets: output('SecretsTable'),
      events: output('EventsTable'),
      managementKeys: output('ManagementKeysTable'),
      eventRetention: parseEventRetention(output('EventsRetention'), 'The output EventsRetention'),
    },
    plans: findOutput(outputs, 'Plans', stackName)?.split(',') ?? [],
  };
}

/** @param chosen the names on the command line. They go before those of `keyward.json`. */
function dataStackName({ name, stackPrefix }: Pick<ChosenDeployment, 'name' | 'stackPrefix'>): string {
  for (const text of [name, stackPrefix])
    if (text !== undefined && !isDeploymentName(text))
      throw new CommandFailure(
        EXIT.usage,
        `A deployment is not named "${text}": its name is at most ${LONGEST_NAME} letters, digits and hyphens, a letter first.`,
      );
  if (stackPrefix !== undefined) return stackNameOf({ profile: '', stackPrefix }, 'Data');
  return stackNameOf(name === undefined ? readDeploymentFile() : { profile: name }, 'Data');
}
