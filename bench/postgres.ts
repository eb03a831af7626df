import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, join } from 'node:path';
import { close, listen } from '../local/listening.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface RunningPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Such as `PostgreSQL 15.9`. */
  readonly version: string;
  stop(): Promise<void>;
}

/** The user and group of a process. */
interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const USER = 'bench';
const START_TIMEOUT_MS = 20_000;

/** Where Debian keeps the programs that are not on the PATH, the newest version first. */
const DEBIAN_FOLDERS = '/usr/lib/postgresql/*/bin';

/** Users to run the server as, because PostgreSQL refuses to run as root. */
const ORDINARY_USERS = ['postgres', 'nobody'];

/**
 * Starts its own PostgreSQL in a temporary folder, reachable only from this machine, with a random password.
 * Commits do not wait for the disk, which is the fastest setting for a library that writes on every verification.
 * @returns why it did not start, if this machine has no PostgreSQL or may not run it.
 */
export async function startPostgres(): Promise<RunningPostgres | string> {
  const folder = programFolder();
  if (folder === undefined) return 'this machine has no PostgreSQL (initdb and postgres on the PATH)';
  const identity = identityForPostgres();
  if (identity === undefined)
    return 'PostgreSQL does not run as root, and this machine has no other user for it';
  try {
    return await start(folder, identity);
  } catch (error) {
    return `PostgreSQL did not start: ${error instanceof Error ? error.message : error}`;
  }
}

function programFolder(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter);
  const folders = [...onPath, ...globSync(DEBIAN_FOLDERS).sort().reverse()];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

function identityForPostgres(): Identity | undefined {
  const own = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  if (own.uid !== 0) return own;
  const identities = ORDINARY_USERS.map(identityOf);
  return identities.find((identity) => identity !== undefined);
}

function identityOf(user: string): Identity | undefined {
  try {
    const numberOf = (option: string) =>
      Number(execFileSync('id', [option, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: numberOf('-u'), gid: numberOf('-g') };
  } catch {
    return undefined;
  }
}

async function start(folder: string, identity: Identity): Promise<RunningPostgres> {
  const directory = temporaryDirectory();
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(directory, 'password');
  const data = join(directory, 'data');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  mkdirSync(data, { mode: 0o700 });
  for (const path of [directory, passwordFile, data]) chownSync(path, identity.uid, identity.gid);
  const asUser = { ...identity, cwd: directory, env: { ...process.env, HOME: directory } };
  const initdb = ['-D', data, '-U', USER, '-A', 'scram-sha-256', '--pwfile', passwordFile, '--no-sync'];
  execFileSync(join(folder, 'initdb'), [...initdb, '-E', 'UTF8', '--locale', 'C'], {
    ...asUser,
    stdio: 'pipe',
  });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    synchronous_commit: 'off',
  };
  const server = spawn(
    join(folder, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...asUser, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await waitUntilReady(server);
  const version = execFileSync(join(folder, 'postgres'), ['--version'], { ...asUser, encoding: 'utf8' });
  return {
    host: '127.0.0.1',
    port,
    user: USER,
    password,
    database: 'postgres',
    version: `PostgreSQL ${/[\d.]+/.exec(version)?.[0] ?? 'of an unknown version'}`,
    stop: () => stop(server),
  };
}

async function waitUntilReady(server: ChildProcess): Promise<void> {
  // The server ends with the benchmark, however that ends.
  process.once('exit', () => server.kill('SIGQUIT'));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer within 20 seconds: ${log}`)),
      START_TIMEOUT_MS,
    );
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`it ended with ${code}: ${log}`)));
    server.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-2_000);
      if (!log.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** On SIGINT, PostgreSQL stops without waiting for its clients. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const url = await listen(server, 0);
  await close(server);
  return Number(new URL(url).port);
}
