import { InvalidProfile } from '../core/profile/parse-profile.ts';
import { InvalidDeployment } from '../lib/files/deployment-file.ts';
import { KeywardApp } from '../lib/keyward-app.ts';

// CDK's command line sets it. Without it CDK makes a temporary folder that nothing removes.
process.env.CDK_OUTDIR ??= 'cdk.out';

try {
  new KeywardApp().synth();
} catch (error) {
  if (!(error instanceof InvalidProfile || error instanceof InvalidDeployment)) throw error;
  console.error(`keyward: ${error.message}`);
  // Without this, CDK would synthesize the incomplete app when the process ends.
  process.exit(1);
}
