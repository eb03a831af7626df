import { InvalidDeployment } from './deployment-file.ts';

type Context = Readonly<Record<string, unknown>>;

/** CDK's own commands write these, and they look like our names. */
const OF_CDK = ['acknowledged-issue-numbers', 'cdk-migrate', 'cli-telemetry'];

/**
 * All other names of CDK's: flags such as `@aws-cdk/core:checkSecretUsage` and those of construct libraries, settings such as
 * `aws:cdk:bundling-stacks`, and what CDK has looked up, such as `vpc-provider:account=…`.
 */
const SHAPE_OF_CDK = /^(?:@[\w.-]+\/|aws:|aws-cdk:|[\w-]+:[\w.-]+=)/;

/** `DataStack` reads it, in other people's apps as well. Here it is only checked: another value would do nothing. */
const ADOPTING = 'keyward:adopting';

/**
 * Reads the path of the deployment's file from the context of the app. A setting in the context would do nothing, so it is an
 * error: without one, Keyward would be deployed without it.
 * @returns `undefined` where the context names no file.
 * @throws {InvalidDeployment}
 */
export function chooseDeployment(context: Context): string | undefined {
  const unknown = Object.keys(context).find((name) => !isKnown(name));
  if (unknown !== undefined)
    throw new InvalidDeployment(
      `The context value ${unknown} is not known. The settings of a deployment stand in its file, keyward.json, and -c deployment=FILE names another one.`,
    );
  if (Object.hasOwn(context, ADOPTING) && context[ADOPTING] !== 'true')
    throw new InvalidDeployment(`The context value ${ADOPTING} must be true.`);
  const { deployment } = context;
  if (deployment === undefined) return undefined;
  if (typeof deployment === 'string' && deployment !== '') return deployment;
  throw new InvalidDeployment('The context value deployment must be the path of a file.');
}

/**
 * Refuses a choice that would do nothing, since the app itself says what is deployed.
 * @throws {InvalidDeployment} where the context names a file.
 */
export function assertNoneChosen({ deployment }: Context): void {
  if (deployment === undefined) return;
  throw new InvalidDeployment(
    'The context value deployment would do nothing: the app says itself what is deployed. Leave one of the two out.',
  );
}

function isKnown(name: string): boolean {
  return name === 'deployment' || name === ADOPTING || SHAPE_OF_CDK.test(name) || OF_CDK.includes(name);
}
