import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { comparesBcrypt } from '../../core/credential/key-shapes.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { metricsNameOf } from '../parts/part-name.ts';
import { type BundleProps, bundledCode, type EntryName } from './bundle.ts';

/** What tells one function of a stack from the others. */
export interface FunctionChoices {
  readonly entry: EntryName;
  /** The end of its description. */
  readonly does: string;
  readonly timeout: Duration | undefined;
}

export interface KeywardFunctionProps {
  /** Which of Keyward's functions it is. */
  readonly entry: EntryName;
  /** The file of the profile that the function is built for. */
  readonly profilePath: string;
  readonly description: string;
  /** @default only `KEYWARD_STACK`, which every function has */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** @default ten seconds */
  readonly timeout?: Duration | undefined;
  /**
   * A function with more memory has more of a processor.
   * @default 512
   */
  readonly memoryMegabytes?: number | undefined;
  /**
   * For how long its log is kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays | undefined;
  /** @default the function shares what the account has */
  readonly reservedConcurrentExecutions?: number | undefined;
  /**
   * How the code of the function flushes cached verdicts.
   * @default 'none': it does not
   */
  readonly verdictCache?: BundleProps['verdictCache'] | undefined;
}

const MEMORY_MEGABYTES = 512;

/** With this much memory, Lambda gives a function one whole processor. With less, it gives a part of one. */
const WHOLE_PROCESSOR_MEGABYTES = 1769;

/** The memory of a function that verifies secrets: where it compares hashes of bcrypt, it needs a whole processor. */
export function memoryForVerifying({ apiKey }: Profile): number {
  return comparesBcrypt(apiKey) ? WHOLE_PROCESSOR_MEGABYTES : MEMORY_MEGABYTES;
}

/** The memory of a function that makes secrets: where it hashes them by bcrypt, it needs a whole processor. */
export function memoryForIssuing({ apiKey }: Profile): number {
  return apiKey.storedAs === 'bcrypt' ? WHOLE_PROCESSOR_MEGABYTES : MEMORY_MEGABYTES;
}

/**
 * A Lambda function whose role may write to its own log and nothing else. Everything more is granted by name. AWS's own
 * managed policy for Lambda would let the function write to every log of the account.
 */
export class KeywardFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: KeywardFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
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
      // The metrics of the function carry the name of its part.
      environment: { KEYWARD_STACK: metricsNameOf(scope), ...props.environment },
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memoryMegabytes ?? MEMORY_MEGABYTES,
      role,
      logGroup,
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
  }
}

/** CDK bundles nothing for commands that deploy nothing, such as `cdk list` and `cdk destroy`. */
function codeOf({ bundlingRequired }: Stack, props: KeywardFunctionProps): Code {
  if (!bundlingRequired) return Code.fromInline('// not bundled');
  const { entry, profilePath, verdictCache = 'none' } = props;
  return bundledCode(entry, { profilePath, verdictCache });
}
