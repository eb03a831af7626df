import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The official package `mcp` on PyPI: the last one that only shakes hands, and the one that speaks both eras. */
export const MCP_PACKAGES = { first: '1.30.0', second: '2.3.0' } as const;

export type Python =
  | { readonly kind: 'found'; readonly command: string; readonly version: string }
  /** @property reason a whole sentence. */
  | { readonly kind: 'missing'; readonly reason: string };

const PROBE =
  'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 10))';

export async function findPython(): Promise<Python> {
  try {
    const { stdout } = await run('python3', ['-c', PROBE]);
    const [version = '', isNewEnough] = stdout.trim().split(' ');
    if (isNewEnough === 'True') return { kind: 'found', command: 'python3', version };
    return { kind: 'missing', reason: `Python 3.10 or newer is needed, and python3 is ${version}.` };
  } catch {
    return {
      kind: 'missing',
      reason: 'There is no python3 with venv and pip (Debian: apt-get install python3-venv).',
    };
  }
}

/**
 * Installs a version of the package in an environment of its own, which is kept in the user's cache.
 * @returns the environment's Python.
 */
export async function installMcp(
  { command, version }: Extract<Python, { kind: 'found' }>,
  packageVersion: string,
): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'keyward');
  const directory = join(cache, `python${version}-mcp-${packageVersion}`);
  const python = join(directory, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    await run(command, ['-m', 'venv', unfinished]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(join(unfinished, 'bin', 'python'), [...pip, `mcp==${packageVersion}`]);
    renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return python;
}

export interface PythonOutcome {
  // biome-ignore lint/suspicious/noExplicitAny: results of every shape.
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: errors carry whatever data the server gave them.
  readonly error?: { readonly code: number; readonly message: string; readonly data?: any };
  /** The session is over, for the reason given. */
  readonly ended?: string;
}

export interface PythonSession {
  /** What connecting came to. */
  readonly connected: PythonOutcome;
  /** Calls a method of the client's session. */
  ask(method: string, ...toolArguments: unknown[]): Promise<PythonOutcome>;
  close(): Promise<void>;
}

/** @param era what the client is told to speak; the first package speaks the older one in any case. */
export async function openSession(
  python: string,
  { url, headers, era }: { readonly url: string; readonly headers: object; readonly era: 'older' | 'newer' },
): Promise<PythonSession> {
  const child = spawn(python, [join(import.meta.dirname, 'session.py'), url, era], {
    env: { ...process.env, HEADERS: JSON.stringify(headers), PYTHONIOENCODING: 'utf-8' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A session that has ended reads no more.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<PythonOutcome> => {
    const { value, done } = await lines.next();
    return done === true ? { ended: 'The process has ended.' } : JSON.parse(value);
  };
  return {
    connected: await next(),
    ask: (method, ...toolArguments) => {
      child.stdin.write(`${JSON.stringify([method, ...toolArguments])}\n`);
      return next();
    },
    close: () => closed(child),
  };
}

async function closed(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
}
