import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { KeywardApp } from '../lib/keyward-app.ts';
import { InvalidSetting } from '../lib/settings.ts';

// CDK's command line sets it. Without it CDK makes a temporary folder that nothing removes.
process.env.CDK_OUTDIR ??= 'cdk.out';

try {
  new KeywardApp().synth();
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidSetting)) throw error;
  console.error(`keyward: ${error.message}`);
  // Without this, CDK would synthesize the incomplete app when the process ends.
  process.exit(1);
}
