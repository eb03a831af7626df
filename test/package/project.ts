import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { blocksOf, ROOT } from '../docs/blocks.ts';

/** A project of a customer, outside this repository. */
export interface Project {
  readonly folder: string;
  /**
   * Runs a command line in it.
   * @returns what it has written.
   * @throws where it fails.
   */
  run(command: string): Promise<string>;
  /** Runs a command line that may fail. */
  attempt(command: string): Promise<{ readonly code: number; readonly output: string }>;
  /** Starts a command line that prints one line of JSON when it is ready. */
  start(command: string): Promise<StartedCommand>;
  write(file: string, text: string): void;
  remove(): void;
}

export interface StartedCommand {
  // biome-ignore lint/suspicious/noExplicitAny: each command has a line of its own.
  readonly ready: any;
  /** Ends it as Ctrl-C does, with all that it has started. */
  stop(): Promise<void>;
}

const execute = promisify(execFile);

/** Variables of this test run and of npm, which a customer does not have. */
const OWN_VARIABLES = /^(?:KEYWARD_|CDK_|JEST_|NODE_COMPILE_CACHE|NODE_OPTIONS|npm_|INIT_CWD)/;

/** What a customer's shell has: the Node that runs this, and no program of this repository. */
function customersEnvironment(): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(tmpdir(), 'keyward-node-'));
  process.once('exit', () => rmSync(bin, { recursive: true, force: true }));
  symlinkSync(process.execPath, join(bin, 'node'));
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(ROOT));
  const others = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  const PATH = [bin, ...folders].join(delimiter);
  // npx asks before it fetches a package.
  return { ...Object.fromEntries(others), PATH, npm_config_yes: 'true' };
}

export const ENVIRONMENT = customersEnvironment();

/** The packed package. */
export function packedPackage(): string {
  const file = process.env.KEYWARD_TEST_PACKAGE;
  if (file === undefined) throw new Error("jest's global setup of test/package has not run.");
  return file;
}

/** Makes an empty project, with the packed package beside its folder. */
export function makeProject(name: string): Project {
  const outer = mkdtempSync(join(tmpdir(), 'keyward-project-'));
  const folder = join(outer, name);
  mkdirSync(folder);
  copyFileSync(packedPackage(), join(outer, 'keyward-0.1.0.tgz'));
  const attempt: Project['attempt'] = (command) =>
    execute('bash', ['-c', command], { cwd: folder, env: ENVIRONMENT, maxBuffer: 64_000_000 }).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
    );
  return {
    folder,
    attempt,
    run: async (command) => {
      const { code, output } = await attempt(command);
      if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
      return output;
    },
    start: (command) => startCommand(command, folder),
    write: (file, text) => writeFileSync(join(folder, file), text),
    remove: () => rmSync(outer, { recursive: true, force: true }),
  };
}

/**
 * Makes an app as the page on installing does, with Keyward in it. That takes long, so the first such app is kept, and the next
 * ones begin as copies of it.
 */
export async function makeCdkApp(name: string): Promise<Project> {
  const project = makeProject(name);
  const kept = join(dirname(packedPackage()), 'cdk-app');
  const copy = (from: string, to: string) => execFileSync('cp', ['-a', `${from}/.`, to]);
  if (existsSync(kept)) {
    copy(kept, project.folder);
    return project;
  }
  for (const command of commandsOnPage('docs/install.md', 'init app').split('\n')) await project.run(command);
  mkdirSync(kept);
  copy(project.folder, kept);
  return project;
}

async function startCommand(command: string, folder: string): Promise<StartedCommand> {
  const child = spawn('bash', ['-c', command], { cwd: folder, env: ENVIRONMENT, detached: true });
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', () => reject(new Error(`${command} ended: ${complaint}`)));
  });
  return {
    ready: JSON.parse(line),
    stop: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await ended;
    },
  };
}

/** A file that stands on a page. */
export function fileOnPage(page: string, name: string): string {
  const block = blocksOf(page).find(({ mark }) => mark === `file=${name}`);
  if (block === undefined) throw new Error(`${page} has no file ${name}.`);
  return block.text;
}

/** The commands of one section of a page, each as it stands there. */
export function commandsOnPage(page: string, containing: string): string {
  const block = blocksOf(page).find(({ mark, text }) => mark === 'package' && text.includes(containing));
  if (block === undefined) throw new Error(`${page} has no block with ${containing}.`);
  return block.text;
}
