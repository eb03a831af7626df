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

/** The vendor's client of the API that `supertone` describes. */
export const SUPERTONE_PACKAGE = '0.1.2';

/** What may be there beside `python3`, which is the distribution's own. */
const COMMANDS = ['python3', 'python3.14', 'python3.13', 'python3.12'] as const;
const PROBE = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';

/** @param least the oldest version of Python 3 that will do. */
export async function findPython(least: number): Promise<Python> {
  const others: string[] = [];
  for (const command of COMMANDS) {
    try {
      const { stdout } = await run(command, ['-c', PROBE]);
      const version = stdout.trim();
      if (Number(version.split('.')[1]) >= least) return { kind: 'found', command, version };
      others.push(`${command} is ${version}`);
    } catch {
      // There is none of this name, or it cannot make an environment.
    }
  }
  const found = others.length === 0 ? 'there is none' : others.join(', ');
  return {
    kind: 'missing',
    reason: `Python 3.${least} or newer is needed, with venv and pip (Debian: apt-get install python3-venv), and ${found}.`,
  };
}

/**
 * Installs a version of a package in an environment of its own, which is kept in the user's cache.
 * @returns the environment's Python.
 */
export async function installPackage(
  { command, version }: Extract<Python, { kind: 'found' }>,
  name: string,
  packageVersion: string,
): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'keyward');
  const directory = join(cache, `python${version}-${name}-${packageVersion}`);
  const python = join(directory, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    await run(command, ['-m', 'venv', unfinished]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(join(unfinished, 'bin', 'python'), [...pip, `${name}==${packageVersion}`]);
    renameSync(unfinished, directory);
  } catch (error) {
    // Another suite may have installed the same meanwhile.
    if (!existsSync(python)) throw error;
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
