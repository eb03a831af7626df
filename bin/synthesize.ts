import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { KeywardApp } from '../lib/keyward-app.ts';
import { InvalidSetting } from '../lib/settings.ts';

/**
 * `node bin/synthesize.ts PROFILE FOLDER [CONTEXT]`: synthesizes a product with its sample into a folder. It is a process of
 * its own, so that the memory which CDK and esbuild take is free again afterwards. A mistake in the profile or in the context
 * is one sentence on stdout, with exit code 1.
 */
const [profile = '', outdir = '', context = '{}'] = process.argv.slice(2);
try {
  new KeywardApp({
    profile,
    outdir,
    // CDK's own validation takes as long as all the rest and only warns. `cdk synth` and `cdk deploy` run it.
    builtinCloudFormationValidation: false,
    context: { sample: 'true', ...JSON.parse(context) },
  }).synth();
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidSetting)) throw error;
  console.log(error.message);
  process.exit(1);
}
