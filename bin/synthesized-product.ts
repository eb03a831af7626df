import { KeywardApp } from '../lib/keyward-app.ts';
import type { AppContext } from './synthesis.ts';

/**
 * Synthesizes a product with its sample. CDK's own validation takes as long as all the rest, and only warns: it is for those
 * who deploy, and they get it.
 */
export function synthesizeInto(outdir: string, profileName: string, context: AppContext = {}): void {
  new KeywardApp({
    profile: profileName,
    outdir,
    builtinCloudFormationValidation: false,
    context: { sample: 'true', ...context },
  }).synth();
}
