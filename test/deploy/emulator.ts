import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findPorts } from '../../local/listening.ts';
import { until } from '../bin/processes.ts';

/** MiniStack: an emulator of AWS that others wrote (MIT), with CloudFormation, API Gateway, Lambda and DynamoDB in one process. */
export const MINISTACK_VERSION = '1.5.33';

/** The only account that MiniStack has, and its Region. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** It starts in two seconds; a machine with other work takes a minute. */
const START_MS = 180_000;

export interface Emulator {
  readonly endpoint: string;
  /** What makes the stock CDK CLI and the SDK reach the emulator, and nothing else. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where an API answers that a stack's output names by its address on AWS. */
  localUrl(awsUrl: string): string;
  stop(): Promise<void>;
}

/**
 * Starts the emulator on a free port of the loopback address.
 * @param python of the environment that has MiniStack.
 */
export async function startEmulator(python: string): Promise<Emulator> {
  const port = await findPorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'keyward-emulator-'));
  let said = '';
  // Its functions are processes too. As a group they end together.
  const child = spawn(python, ['-m', 'ministack'], {
    detached: true,
    cwd: folder,
    env: {
      ...process.env,
      // It runs functions in the `node` that it finds: Node 24, as Lambda does.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      TMPDIR: folder,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-20_000);
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('The start of MiniStack', () => child.exitCode !== null || isHealthy(endpoint), START_MS);
    if (child.exitCode !== null) throw new Error(`It has ended with ${child.exitCode}.`);
  } catch (error) {
    await stop();
    throw new Error(`MiniStack did not start: ${said}`, { cause: error });
  }
  return { endpoint, environment: environmentOf(endpoint), localUrl: (url) => localUrl(endpoint, url), stop };
}

async function isHealthy(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function environmentOf(endpoint: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(?:AWS_|CDK_|JEST_)/.test(name));
  return {
    ...Object.fromEntries(others),
    AWS_ENDPOINT_URL: endpoint,
    // Buckets have host names of their own otherwise.
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}

/** `https://ID.execute-api.REGION.amazonaws.com/live/` and `https://ID.lambda-url.REGION.on.aws/`, as MiniStack has them on one port. */
function localUrl(endpoint: string, awsUrl: string): string {
  const { hostname, pathname } = new URL(awsUrl);
  const [id, service] = hostname.split('.');
  return `${endpoint}/_aws/${service}/${id}${pathname}`.replace(/\/$/, '');
}
