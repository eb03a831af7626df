import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { type Running, run } from './processes.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line on tables of DynamoDB Local, as an operator runs it. */
export interface CommandLine {
  keyward(...args: string[]): Promise<Ended>;
  /** @param redirection as a shell has it, such as `> /dev/full`. */
  redirected(redirection: string, ...args: string[]): Promise<Ended>;
  start(...args: string[]): Running;
}

/** Where the command line finds its tables, and as whom. */
export interface Account extends Pick<OperatorTables, 'records' | 'secrets' | 'events' | 'managementKeys'> {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
}

export function commandLineOf(account: Account): CommandLine {
  const { records, secrets, events, managementKeys } = account;
  const env = {
    ...{ PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: account.endpoint, AWS_REGION: account.region },
    ...{ AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: 'unused' },
  };
  const own = ['--tables', [records, secrets, events, managementKeys].join(), '--retention', '400'];
  const command = ['bin/keyward.ts', ...own];
  const start = (...args: string[]) => run(process.execPath, [...command, ...args], env);
  return {
    start,
    keyward: (...args) => endOf(start(...args)),
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
