import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidSetting } from '../lib/settings.ts';
import { synthesizeInto } from './synthesized-product.ts';

/**
 * Synthesizes a profile into a folder, as a process of its own: `node bin/synthesize.ts PROFILE FOLDER [CONTEXT]`. What CDK and
 * esbuild hold in memory goes with it. What the profile or the context may not be is a sentence on stdout, and exit code 1.
 */
const [profileName = '', outdir = '', context = '{}'] = process.argv.slice(2);
try {
  synthesizeInto(outdir, profileName, JSON.parse(context));
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidSetting)) throw error;
  console.log(error.message);
  process.exit(1);
}
