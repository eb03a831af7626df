import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeywardApp } from '../lib/keyward-app.ts';
import { loadProfile } from '../lib/profile-file.ts';
import type { SynthesizedProduct } from './local-product.ts';

/** As `cdk -c` gives it. */
export type AppContext = Readonly<Record<string, string>>;

/** Synthesizes a product's stacks into a temporary folder, which goes when the process does. */
export function synthesizeProduct(profileName: string, context: AppContext = {}): SynthesizedProduct {
  const { profile } = loadProfile(profileName);
  const assemblyDirectory = mkdtempSync(join(tmpdir(), 'keyward-assembly-'));
  process.once('exit', () => rmSync(assemblyDirectory, { recursive: true, force: true }));
  synthesizeInto(assemblyDirectory, profileName, context);
  return { profile, assemblyDirectory };
}

/**
 * Synthesizes a product with its sample. CDK's own validation takes as long as all the rest, and only warns: it is for those
 * who deploy, and they get it.
 */
export function synthesizeInto(outdir: string, profileName: string, context: AppContext = {}): void {
  new KeywardApp({
    ...{ profile: profileName, outdir, builtinCloudFormationValidation: false },
    context: { sample: 'true', ...context },
  }).synth();
}
