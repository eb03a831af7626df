import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidDeployment } from '../lib/files/deployment-file.ts';
import { KeywardApp } from '../lib/keyward-app.ts';

/**
 * `node bin/synthesize.ts PROFILE FOLDER [SETTINGS]`: synthesizes a product with its sample into a folder. It is a process of
 * its own, so that the memory which CDK and esbuild take is free again afterwards. A mistake in the profile or in the settings
 * is one sentence on stdout, with exit code 1.
 */
const [profile = '', outdir = '', settings = '{}'] = process.argv.slice(2);
try {
  new KeywardApp({
    outdir,
    // CDK's own validation takes as long as all the rest and only warns. `cdk synth` and `cdk deploy` run it.
    builtinCloudFormationValidation: false,
    deployment: { sample: true, ...JSON.parse(settings), profile },
  }).synth();
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidDeployment)) throw error;
  console.log(error.message);
  process.exit(1);
}
