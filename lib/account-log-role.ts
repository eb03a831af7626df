import { RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from './findings.ts';

/** Who sets the role by which API Gateway writes logs in this account and Region. */
export type LogRoleSetter = 'keyward' | 'managed-elsewhere';

/**
 * The role by which API Gateway writes logs. An account has one in each Region, and without it no stage with a log can be
 * made. It stays when its stack goes: other APIs of the account log by it as well.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class AccountLogRole extends Construct {
  /**
   * The one of an app for an account and Region. The first construct that asks makes it, in its own stack.
   * @returns `undefined` where the account has a role already, which something else manages.
   */
  static for(scope: Construct, setBy: LogRoleSetter = 'keyward'): AccountLogRole | undefined {
    if (setBy === 'managed-elsewhere') return undefined;
    const stack = Stack.of(scope);
    const made = (Stage.of(scope) ?? stack).node
      .findAll()
      .filter((construct) => construct instanceof AccountLogRole)
      .find((role) => Stack.of(role).environment === stack.environment);
    return made ?? new AccountLogRole(stack, 'KeywardAccountLogRole');
  }

  private constructor(stack: Stack, id: string) {
    super(stack, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    // Also when a first deployment is rolled back: the account's setting would name a role that is gone.
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledge(
      role,
      'IAM4',
      'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    );
  }
}
