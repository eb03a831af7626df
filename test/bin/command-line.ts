import { runCommand } from '../../bin/commands/program.ts';
import type { Surroundings } from '../../bin/commands/surroundings.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { fakeTerminal, type Seat, surroundingsOf } from './fake-terminal.ts';
import { type Running, run } from './processes.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. @param given what it reaches; without it, a command that asks AWS or an API fails. */
export async function runHere(
  args: readonly string[],
  given: Partial<Surroundings> = {},
  seat: Seat = {},
): Promise<Ended> {
  const terminal = fakeTerminal(seat);
  const code = await runCommand(args, surroundingsOf(terminal, given));
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

/** The command line on tables of DynamoDB Local. */
export interface CommandLine {
  /** Runs a command in this process. */
  keyward(...args: string[]): Promise<Ended>;
  /** Runs a command as an operator does. @param redirection as a shell has it, such as `> /dev/full`. */
  redirected(redirection: string, ...args: string[]): Promise<Ended>;
  /** Starts a command as an operator does. */
  start(...args: string[]): Running;
}

/** Where the command line finds its tables, and as whom. */
export interface Account extends Pick<OperatorTables, 'records' | 'secrets' | 'events' | 'managementKeys'> {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
}

export function commandLineOf(account: Account): CommandLine {
  const { records, secrets, events, managementKeys, endpoint, region, accessKeyId } = account;
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'unused',
  };
  const access = async () => ({ endpoint, region, credentials: { accessKeyId, secretAccessKey: 'unused' } });
  const own = ['--tables', [records, secrets, events, managementKeys].join(), '--retention', '400'];
  const command = ['bin/keyward.mjs', ...own];
  return {
    keyward: (...args) => runHere([...own, ...args], { access, now: Date.now }),
    start: (...args) => run(process.execPath, [...command, ...args], env),
    redirected: (redirection, ...args) =>
      endOf(run('sh', ['-c', `exec "$@" ${redirection}`, 'sh', process.execPath, ...command, ...args], env)),
  };
}

/** The command line on tables of a test's own. */
export async function commandLineOn({ client, ...names }: OperatorTables): Promise<CommandLine> {
  const { accessKeyId } = await client.config.credentials();
  const endpoint = process.env.KEYWARD_TEST_DYNAMODB ?? '';
  return commandLineOf({ ...names, endpoint, region: 'us-east-1', accessKeyId });
}

export async function endOf(running: Running): Promise<Ended> {
  const code = await running.exit;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}
