import type { CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type EventRetention, parseEventRetention } from '../../../core/audit/event-store.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { addNote } from '../help-words.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Deployment } from './deployment.ts';

/** How the clients of the command line reach AWS. */
export type Access = () => Promise<DynamoDBClientConfig & CloudFormationClientConfig>;

/** The deployment that was chosen on the command line. */
export interface ChosenDeployment {
  readonly name?: string;
  readonly stackPrefix?: string;
  /** A stack of another app, with a `Keyward` in it. */
  readonly stack?: string;
  readonly tables?: readonly [string, string, string, string];
  readonly retention?: EventRetention;
}

/** Each takes a value, and may also stand before the command. */
export const DEPLOYMENT_OPTIONS: readonly string[] = [
  '--name',
  '--stack-prefix',
  '--stack',
  '--tables',
  '--retention',
];

/** Adds the options that say which deployment a command acts on. */
export function addDeploymentOptions(command: Command, shown: 'shown' | 'hidden' = 'shown'): Command {
  const [name, prefix, stack, tables, retention] = DEPLOYMENT_OPTIONS;
  const options = [
    new Option(`${name} <name>`, 'its name, if not the one in keyward.json'),
    new Option(`${prefix} <prefix>`, 'the same, for stacks whose whole prefix is in keyward.json'),
    new Option(`${stack} <name>`, 'the stack of your own app that holds a Keyward'),
    new Option(`${tables} <names>`, `the four tables, instead of the stacks’: ${TABLE_NAMES}`).argParser(
      parseTableNames,
    ),
    new Option(
      `${retention} <days>`,
      'with --tables: for how many days events are kept, or forever',
    ).argParser(parseRetention),
  ];
  for (const option of options)
    command.addOption(option.hideHelp(shown === 'hidden').helpGroup('Which deployment:'));
  if (shown === 'shown') addNote(command, AWS_CREDENTIALS);
  return command;
}

/** Finds the deployment that a command acts on, once its options are read. */
export async function findDeployment(command: Command, { access }: Surroundings): Promise<Deployment> {
  const chosen = command.optsWithGlobals<ChosenDeployment>();
  if (chosen.retention !== undefined && chosen.tables === undefined)
    throw new CommandFailure(
      EXIT.usage,
      '--retention is for --tables: a deployment itself says for how long it keeps events.',
    );
  if (chosen.stack !== undefined && (chosen.name ?? chosen.stackPrefix) !== undefined)
    throw new CommandFailure(
      EXIT.usage,
      '--stack names the stack itself: leave --name and --stack-prefix out.',
    );
  if (chosen.name !== undefined && chosen.stackPrefix !== undefined)
    throw new CommandFailure(EXIT.usage, '--name and --stack-prefix both name the stacks: leave one out.');
  const { readDeployment } = await import('./deployment.ts');
  return readDeployment(chosen, access);
}

const AWS_CREDENTIALS =
  '\nCredentials and the Region are those of the AWS command line: AWS_PROFILE, AWS_REGION. HTTPS_PROXY and NO_PROXY are respected.';

const TABLE_NAMES = 'RECORDS,SECRETS,EVENTS,MANAGEMENT_KEYS';

function parseTableNames(text: string): readonly string[] {
  const names = text.split(',');
  if (names.length === 4 && names.every((name) => /^[\w.-]{3,255}$/.test(name))) return names;
  throw new InvalidArgumentError(`It must be the names of four tables: ${TABLE_NAMES}.`);
}

function parseRetention(text: string): EventRetention {
  try {
    return parseEventRetention(text, 'It');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : 'It is no retention.');
  }
}
