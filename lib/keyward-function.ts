import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Profile } from '../core/profile/profile.ts';
import { type BundleProps, bundledCode, type EntryName } from './bundle.ts';

export interface KeywardFunctionProps {
  /** Which of Keyward's functions it is. */
  readonly entry: EntryName;
  /** The file of the profile it is built for. */
  readonly profilePath: string;
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default ten seconds */
  readonly timeout?: Duration;
  /**
   * CPU comes with memory.
   * @default 512
   */
  readonly memoryMegabytes?: number;
  /**
   * What its code flushes kept verdicts with, if there are any.
   * @default 'none'
   */
  readonly verdictCache?: BundleProps['verdictCache'];
}

/** What Lambda gives one whole processor with; below, the same comparison takes proportionally longer. */
const WHOLE_PROCESSOR_MEGABYTES = 1769;

/** CDK bundles nothing where nothing is deployed, such as for `cdk list` and `cdk destroy`. */
function codeOf(
  { bundlingRequired }: Stack,
  { entry, profilePath, verdictCache = 'none' }: KeywardFunctionProps,
): Code {
  return bundlingRequired
    ? bundledCode(entry, { profilePath, verdictCache })
    : Code.fromInline('// not bundled');
}

/** The props of a function that makes or verifies secrets: bcrypt, where the product has promised it, needs the processor. */
export function secretHandling({ apiKey }: Profile): Pick<KeywardFunctionProps, 'memoryMegabytes'> {
  return apiKey.storedAs === 'bcrypt' ? { memoryMegabytes: WHOLE_PROCESSOR_MEGABYTES } : {};
}

/**
 * A Lambda function with a role that may write its own log and nothing else: whatever more it needs is granted to it by
 * name. Lambda's own managed policy would allow writing every log of the account.
 */
export class KeywardFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: KeywardFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(Stack.of(scope), props),
      description: props.description,
      // What its metrics are told apart by.
      environment: { KEYWARD_STACK: Stack.of(scope).stackName, ...props.environment },
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memoryMegabytes ?? 512,
      role,
      logGroup,
    });
  }
}
