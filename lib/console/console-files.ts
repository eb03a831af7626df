import { basename, dirname } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { acknowledgeFinding } from '../parts/findings.ts';
import type { ConsolePage } from './console-page.ts';

export interface ConsoleFilesProps {
  readonly bucket: IBucket;
  readonly page: ConsolePage;
  /** What `config.json` holds. */
  readonly config: object;
  /** The path of the product's logo. */
  readonly logo: string | undefined;
}

/** Everything of the console is below this folder of its bucket, as it is below this path of its origin. */
const FOLDER = 'console';

/**
 * The files of the console in their bucket. Files with a hash in their names come first, and those of earlier deployments stay:
 * a page that somebody has open may still ask for them.
 */
export class ConsoleFiles extends Construct {
  constructor(scope: Construct, id: string, { bucket, page, config, logo }: ConsoleFilesProps) {
    super(scope, id);
    const shared = {
      destinationBucket: bucket,
      destinationKeyPrefix: FOLDER,
      prune: false,
      retainOnDelete: false,
    };
    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      sources: [Source.asset(page.assetDirectory)],
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    });
    const sources = [Source.asset(page.entryDirectory), Source.jsonData('config.json', config)];
    const entry = new BucketDeployment(this, 'Entry', {
      ...shared,
      sources: [...sources, ...(logo === undefined ? [] : [sourceOf(logo)])],
      cacheControl: [CacheControl.noCache()],
    });
    entry.node.addDependency(assets);
    acknowledgeProvider(entry, bucket);
  }
}

/** Answers what cdk-nag finds in the function of CDK's that fills the bucket, of which a stack has one. */
function acknowledgeProvider({ handlerRole }: BucketDeployment, bucket: IBucket): void {
  const stack = Stack.of(handlerRole);
  const provider = handlerRole.node.scope ?? handlerRole;
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnBucket);
  const assets = `cdk-${stack.synthesizer.bootstrapQualifier}-assets-<AWS::AccountId>-<AWS::Region>`;
  acknowledgeFinding(provider, 'L1');
  acknowledgeFinding(
    provider,
    'IAM4',
    'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
  );
  for (const action of ['GetObject', 'GetBucket', 'List', 'DeleteObject', 'Abort'])
    acknowledgeFinding(provider, 'IAM5', `Action::s3:${action}*`);
  for (const resource of [`arn:<AWS::Partition>:s3:::${assets}/*`, `<${bucketId}.Arn>/*`])
    acknowledgeFinding(provider, 'IAM5', `Resource::${resource}`);
}

/** One file alone. */
function sourceOf(path: string): ISource {
  return Source.asset(dirname(path), { exclude: ['*', `!${basename(path)}`] });
}
