import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DeploymentFile } from '../lib/deployment-schema.ts';
import { loadProfile } from '../lib/profile-file.ts';
import { CannotRun } from '../local/index.ts';
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
  const folder = mkdtempSync(join(tmpdir(), 'keyward-assembly-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const assemblyDirectory = join(folder, 'assembly');
  // If the process is ended, its own temporary folder is deleted as well.
  const own = join(folder, 'temporary');
  mkdirSync(own);
  const entry = join(import.meta.dirname, `synthesize${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [entry, profileName, assemblyDirectory, JSON.stringify(settings)], {
    env: { ...process.env, TMPDIR: own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = Promise.all([text(child.stdout), text(child.stderr), code]);
  return {
    product: said.then(([sentence, complaint, exitCode]) => {
      if (exitCode === 0) return { profile, assemblyDirectory };
      if (sentence !== '') throw new CannotRun(sentence.trim());
      throw new Error(`The stacks could not be synthesized: ${complaint}`);
    }),
    async stop() {
      child.kill('SIGKILL');
      await code;
    },
  };
}
