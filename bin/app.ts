import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { KeywardApp } from '../lib/keyward-app.ts';
import { InvalidSetting } from '../lib/settings.ts';

// As the CDK's command line has it. Without it CDK makes a temporary folder, which nothing removes.
process.env.CDK_OUTDIR ??= 'cdk.out';

try {
  new KeywardApp().synth();
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidSetting)) throw error;
  console.error(`keyward: ${error.message}`);
  // Left to end by itself, CDK would synthesize what there is of the app.
  process.exit(1);
}
