import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../bin/processes.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';

/** The outputs of each stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

const CDK = join(ROOT, 'node_modules/.bin/cdk');

/** A command takes half a minute, and some minutes beside other work. */
const CDK_MS = 600_000;

/** The stock CDK CLI, as `npx cdk` runs it, against the emulator. */
export class CdkCli {
  readonly #emulator: Emulator;
  readonly #folder = mkdtempSync(join(tmpdir(), 'keyward-cdk-'));

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** Makes the emulator's account and Region ready, once. */
  async bootstrap(): Promise<void> {
    await this.#runWell(['bootstrap', `aws://${ACCOUNT}/${REGION}`]);
  }

  /** `npx cdk deploy --all`. @returns the outputs of all stacks. */
  async deploy(assembly: string): Promise<Outputs> {
    const file = join(this.#folder, 'outputs.json');
    await this.#runWell([
      'deploy',
      '--all',
      '--require-approval',
      'never',
      '--outputs-file',
      file,
      '--app',
      assembly,
    ]);
    return JSON.parse(readFileSync(file, 'utf8'));
  }

  /** `npx cdk destroy --all`. It may be refused. @returns the exit code, and what the command has written. */
  async destroy(assembly: string): Promise<{ readonly code: number; readonly output: string }> {
    return this.#run(['destroy', '--all', '--force', '--app', assembly]);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #runWell(args: readonly string[]): Promise<void> {
    const { code, output } = await this.#run(args);
    if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${code}:\n${output.slice(-8_000)}`);
  }

  #run(args: readonly string[]): Promise<{ code: number; output: string }> {
    const options = {
      cwd: this.#folder,
      env: this.#emulator.environment,
      maxBuffer: 64_000_000,
      timeout: CDK_MS,
    };
    return new Promise((resolve) => {
      execFile(process.execPath, [CDK, ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, output: stdout + stderr });
      });
    });
  }
}
