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
   * The role that an API's stage needs: that of its own stack, of a stack that this one depends on, or one for all stacks.
   * Where there is none, it is made in the API's stack. One of a stack beside it is not taken: that stack may come to need
   * something of this one, and two stacks cannot need each other. Roles of two stacks do the same, whichever is set.
   * @returns `undefined` where the account has a role already, which something else manages.
   */
  static forApi(scope: Construct, setBy: LogRoleSetter = 'keyward'): AccountLogRole | undefined {
    if (setBy === 'managed-elsewhere') return undefined;
    const stack = Stack.of(scope);
    const isReachable = (role: AccountLogRole) => role.#isForAll || needs(stack, Stack.of(role));
    return rolesBeside(stack).find(isReachable) ?? new AccountLogRole(stack, false);
  }

  /** Makes the role that all stacks of an app, in one account and Region, may take. Its stack needs nothing of theirs. */
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

/** The roles that are made in the stage of a stack, for its account and Region. */
function rolesBeside(stack: Stack): AccountLogRole[] {
  const stage = Stage.of(stack);
  return (
    (stage ?? stack).node
      .findAll()
      .filter((construct) => construct instanceof AccountLogRole)
      // An app is a stage that others stand in. No stack may depend on one of another stage.
      .filter((role) => Stage.of(role) === stage && Stack.of(role).environment === stack.environment)
  );
}

/** Whether a stack is another one, or has been told to be deployed after it. */
function needs(stack: Stack, other: Stack): boolean {
  return stack === other || stack.dependencies.some((dependency) => needs(dependency, other));
}
