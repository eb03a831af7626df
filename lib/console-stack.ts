import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { Console, type ConsoleProps } from './console/console.ts';
import type { ProfileFile } from './files/profile-file.ts';
import { assertProductStays } from './tables/deployed-product.ts';

export interface ConsoleStackProps extends StackProps, Omit<ConsoleProps, 'domain' | 'profile'> {
  /** The profile of the product, as `loadProfile` has read it. */
  readonly profileFile: ProfileFile;
  /**
   * A domain of your own, such as `keys.example.com`, with the ARN of its certificate. CloudFront takes certificates from us-east-1
   * only.
   * @default a domain of CloudFront's
   */
  readonly domain?: { readonly domainName: string; readonly certificateArn: string } | undefined;
}

/** A stack with the console. */
export class ConsoleStack extends Stack {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: ConsoleStackProps) {
    super(scope, id, { description: 'Keyward: the console', ...props });
    const { profileFile, domain } = props;
    assertProductStays(this, profileFile.profile);
    // A construct of this id leaves no trace in the names of what it holds.
    const console = new Console(this, 'Default', {
      ...props,
      profile: profileFile,
      domain: domain && {
        domainName: domain.domainName,
        certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      },
    });
    this.distribution = console.distribution;
    new CfnOutput(this, 'ConsoleUrl', { value: console.url });
    // What a domain of your own has to point to.
    new CfnOutput(this, 'DistributionDomain', { value: this.distribution.distributionDomainName });
  }
}
