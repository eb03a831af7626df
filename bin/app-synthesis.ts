import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CannotRun, ENVIRONMENT_OF_STACKS } from '../local/index.ts';
import { endOfProcess, makeAssemblyFolder } from './assembly-folder.ts';

export interface AppSynthesis {
  /** Where the assembly is. @throws {CannotRun} with what the app has written, where it fails. */
  readonly assemblyDirectory: Promise<string>;
  /** Ends the synthesis if it still runs. */
  stop(): Promise<void>;
}

/**
 * Synthesizes somebody's CDK app as `cdk synth --app COMMAND` does: in this folder, by a shell, with the context of `cdk.json`
 * and `cdk.context.json`. The assembly is deleted when this process ends.
 * @see "Cloud assembly" in the AWS CDK Developer Guide for the variables
 */
export function startAppSynthesis(command: string): AppSynthesis {
  const { assemblyDirectory, temporary } = makeAssemblyFolder();
  const child = spawn(command, {
    shell: true,
    // A shell that is ended leaves its program behind. As a group they end together.
    detached: true,
    env: { ...process.env, ...variablesOf(assemblyDirectory), TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = endOfProcess(child);
  return {
    assemblyDirectory: end.then(({ output, complaint, exitCode }) => {
      if (exitCode === 0) return assemblyDirectory;
      const reason = (complaint || output).trim() || `It ended with ${exitCode} and has written nothing.`;
      throw new CannotRun(`The app \`${command}\` could not be synthesized:\n${reason}`);
    }),
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await end;
    },
  };
}

function variablesOf(outdir: string): NodeJS.ProcessEnv {
  const { account, region } = ENVIRONMENT_OF_STACKS;
  return {
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(readContext()),
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
    // An app can leave out what one machine cannot run.
    KEYWARD_DEV: '1',
    // CDK's own validation takes as long as all the rest and only warns. `cdk synth` and `cdk deploy` run it.
    CDK_VALIDATION: 'false',
  };
}

/** Later files win, as they do for the CDK CLI. */
function readContext(): object {
  const [user, project] = [join(homedir(), '.cdk.json'), 'cdk.json'].map(
    (file) => readObject(file).context ?? {},
  );
  return { ...user, ...project, ...readObject('cdk.context.json') };
}

/** @returns an empty object where there is no such file. */
function readObject(file: string): { readonly context?: object } {
  let read: string;
  try {
    read = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return JSON.parse(read);
  } catch {
    throw new CannotRun(`${file} is not JSON.`);
  }
}
