import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import type { ProfileFile } from './files/profile-file.ts';
import { ManagementApi, type ManagementApiProps } from './management/management-api.ts';
import { type EncryptionKeyProps, encryptionKeyOf } from './parts/encryption-key.ts';
import { assertProductStays, assertSameProduct } from './tables/deployed-product.ts';

export interface ManagementStackProps
  extends StackProps,
    EncryptionKeyProps,
    Omit<ManagementApiProps, 'encryptionKey'> {
  /** The profile of the product, which the tables must have too. */
  readonly profileFile: ProfileFile;
}

/** A stack with the management API. */
export class ManagementStack extends Stack {
  readonly restApi: RestApi;

  /** @throws where the tables belong to another product, or a prop of the API is not valid. */
  constructor(scope: Construct, id: string, props: ManagementStackProps) {
    super(scope, id, { description: 'Keyward: the management API', ...props });
    const { profile } = props.profileFile;
    assertProductStays(this, profile);
    assertSameProduct(profile.name, props.tables);
    const encryptionKey = encryptionKeyOf(this, props);
    // A construct of this id leaves no trace in the names of what it holds.
    this.restApi = new ManagementApi(this, 'Default', { ...props, encryptionKey }).restApi;
    new CfnOutput(this, 'ManagementUrl', { value: this.restApi.url });
  }
}
