import { App } from 'aws-cdk-lib';
import { DataStack } from '../lib/data-stack.ts';
import { ManagementStack } from '../lib/management-stack.ts';
import type { ProfileFile } from '../lib/profile-file.ts';
import { SampleStack } from '../lib/sample-stack.ts';
import type { Sample } from '../lib/samples.ts';
import { type StackPart, stackNameOf } from '../lib/stack-names.ts';

/** Synthesizes a product with another sample than its profile's own, as somebody who puts the stacks together would. */
export function synthesizeStacks({
  outdir,
  profileFile,
  sample,
  allowedOrigins,
}: {
  readonly outdir: string;
  readonly profileFile: ProfileFile;
  readonly sample: Sample;
  /** Whose pages may call the sample. @default none */
  readonly allowedOrigins?: readonly string[];
}): void {
  const app = new App({
    outdir,
    // It takes as long as all the rest, and only warns.
    builtinCloudFormationValidation: false,
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });
  const name = (part: StackPart) => stackNameOf({ profile: profileFile.path }, part);
  const { tables, signIn } = new DataStack(app, name('Data'), { profileFile });
  new ManagementStack(app, name('Api'), { profileFile, tables, signIn });
  new SampleStack(app, name('Sample'), {
    ...{ profileFile, tables, sample },
    ...(allowedOrigins && { allowedOrigins }),
  });
  app.synth();
}
