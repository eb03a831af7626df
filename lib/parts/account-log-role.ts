import { RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeFinding } from './findings.ts';

/** Who sets the role with which API Gateway writes logs in this account and Region. */
export type LogRoleSetter = 'keyward' | 'managed-elsewhere';

/**
 * The role with which API Gateway writes logs. An account has one in each Region, and without it no stage can have a log. The
 * role stays when its stack is deleted: other APIs of the account use it as well.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class AccountLogRole extends Construct {
  /**
   * Finds the role that an API's stage needs: in its own stack, in a stack that it depends on, or one for all stacks. Without
   * one, makes it in the API's stack. A role of another stack does not count: that stack may later need something of this
   * one, and two stacks cannot need each other. Two such roles do the same, so it does not matter which one is set.
   * @returns `undefined` where the account already has a role that something else manages.
   */
  static forApi(scope: Construct, setBy: LogRoleSetter = 'keyward'): AccountLogRole | undefined {
    if (setBy === 'managed-elsewhere') return undefined;
    const stack = Stack.of(scope);
    const isReachable = (role: AccountLogRole) => role.#isForAll || needs(stack, Stack.of(role));
    return rolesBeside(stack).find(isReachable) ?? new AccountLogRole(stack, false);
  }

  /** Makes one role for all stacks of an app in the same account and Region. Its own stack must need none of them. */
  static addForAll(stack: Stack, setBy: LogRoleSetter = 'keyward'): void {
    if (setBy === 'managed-elsewhere' || rolesBeside(stack).some((role) => role.#isForAll)) return;
    new AccountLogRole(stack, true);
  }

  readonly #isForAll: boolean;

  private constructor(stack: Stack, isForAll: boolean) {
    super(stack, 'KeywardAccountLogRole');
    this.#isForAll = isForAll;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      ],
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    // Also where a first deployment is rolled back: the account's setting would otherwise name a deleted role.
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledgeFinding(
      role,
      'IAM4',
      'Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    );
  }
}

/** The roles in the same stage as a stack, for the same account and Region. */
function rolesBeside(stack: Stack): AccountLogRole[] {
  const stage = Stage.of(stack);
  return (
    (stage ?? stack).node
      .findAll()
      .filter((construct) => construct instanceof AccountLogRole)
      // An app is a stage too, and can hold others. No stack may depend on a stack of another stage.
      .filter((role) => Stage.of(role) === stage && Stack.of(role).environment === stack.environment)
  );
}

/** Tells whether a stack is the other one, or is deployed after it. */
function needs(stack: Stack, other: Stack): boolean {
  return stack === other || stack.dependencies.some((dependency) => needs(dependency, other));
}
