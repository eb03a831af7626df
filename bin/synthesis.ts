import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import type { DeploymentFile } from '../lib/files/deployment-schema.ts';
import { loadProfile } from '../lib/files/profile-file.ts';
import { CannotRun } from '../local/index.ts';
import { endOfProcess, makeAssemblyFolder } from './assembly-folder.ts';
import type { SynthesizedProduct } from './local-product.ts';

/** What the file of a deployment says beside the profile. */
export type DeploymentSettings = Omit<DeploymentFile, 'profile'>;

export interface Synthesis {
  /** @throws {CannotRun} where the profile or a setting is not valid. */
  readonly product: Promise<SynthesizedProduct>;
  /** Ends the synthesis if it still runs. */
  stop(): Promise<void>;
}

/**
 * Synthesizes a product's stacks in a process of its own, into a temporary folder that is deleted when this process ends.
 * @throws {InvalidProfile} before anything is started.
 */
export function startSynthesis(profileName: string, settings: DeploymentSettings = {}): Synthesis {
  const { profile } = loadProfile(profileName);
  const { assemblyDirectory, temporary } = makeAssemblyFolder();
  const entry = join(import.meta.dirname, `synthesize${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [entry, profileName, assemblyDirectory, JSON.stringify(settings)], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = endOfProcess(child);
  return {
    product: end.then(({ output, complaint, exitCode }) => {
      if (exitCode === 0) return { profile, assemblyDirectory };
      if (output !== '') throw new CannotRun(output.trim());
      throw new Error(`The stacks could not be synthesized: ${complaint}`);
    }),
    async stop() {
      child.kill('SIGKILL');
      await end;
    },
  };
}
