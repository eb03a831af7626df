import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The key that encrypts the tables of a stack. */
export interface EncryptionKeyProps {
  /**
   * The key of KMS that encrypts the tables. Without the key, no credential can be verified any more.
   * @default the key that AWS manages for DynamoDB in the account, which nobody can delete
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * The ARN of such a key, for one that no app of yours makes. Its policy must leave to IAM who may use it, as the policy does
   * that KMS gives a key by default.
   * @default `encryptionKey`
   */
  readonly encryptionKeyArn?: string | undefined;
}

export function encryptionKeyOf(
  scope: Construct,
  { encryptionKey, encryptionKeyArn }: EncryptionKeyProps,
): IKey | undefined {
  if (encryptionKeyArn === undefined) return encryptionKey;
  return Key.fromKeyArn(scope, 'EncryptionKey', encryptionKeyArn);
}
