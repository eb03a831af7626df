import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ProfileFile } from './files/profile-file.ts';
import { KeywardData, type KeywardDataProps, outputsOf } from './keyward-data.ts';
import { AccountLogRole, type LogRoleSetter } from './parts/account-log-role.ts';
import { type EncryptionKeyProps, encryptionKeyOf } from './parts/encryption-key.ts';
import type { SignInSource } from './sign-in/sign-in-source.ts';
import { assertProductStays } from './tables/deployed-product.ts';
import type { KeyTables } from './tables/key-tables.ts';

export interface DataStackProps
  extends StackProps,
    EncryptionKeyProps,
    Omit<KeywardDataProps, 'profile' | 'encryptionKey'> {
  /** The profile of the product, as `loadProfile` has read it. */
  readonly profileFile: ProfileFile;
  /**
   * Who sets the role with which API Gateway writes logs. This stack makes it, since every stack with an API is deployed
   * after this one.
   * @default 'keyward'
   */
  readonly accountLogRole?: LogRoleSetter | undefined;
}

/** A stack with the tables, and the people who sign in unless they sign in elsewhere. They stay when the stack is deleted. */
export class DataStack extends Stack {
  readonly tables: KeyTables;
  readonly signIn: SignInSource;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, {
      description: 'Keyward: where keys and people are kept',
      ...props,
      terminationProtection: props.terminationProtection ?? true,
    });
    const { profileFile, accountLogRole } = props;
    assertProductStays(this, profileFile.profile);
    AccountLogRole.addForAll(this, accountLogRole);
    const encryptionKey = encryptionKeyOf(this, props);
    // A construct of this id leaves no trace in the names of what it holds.
    const data = new KeywardData(this, 'Default', { ...props, profile: profileFile, encryptionKey });
    this.tables = data.tables;
    this.signIn = data.signIn;
    for (const [name, value] of outputsOf(data)) new CfnOutput(this, name, { value });
  }
}
