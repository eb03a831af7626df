import { Annotations, ArnFormat, Names, Stack } from 'aws-cdk-lib';
import { AwsIntegration, type IntegrationConfig, type Method } from 'aws-cdk-lib/aws-apigateway';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Sends requests to a function, however many routes it serves. One permission lets the whole stage of the API invoke it. One
 * permission for each route would fill the function's resource policy, 20,480 bytes, with about 50 routes. It would also name
 * paths, and a path has more than one spelling. Other stages, such as the console's test stage, may not invoke the function.
 */
export class FunctionIntegration extends AwsIntegration {
  readonly #handler: IFunction;
  readonly #stageName: string;
  #isPermitted = false;

  constructor(handler: IFunction, stageName: string) {
    super({
      proxy: true,
      service: 'lambda',
      path: `2015-03-31/functions/${handler.functionArn}/invocations`,
    });
    this.#handler = handler;
    this.#stageName = stageName;
  }

  override bind(method: Method): IntegrationConfig {
    const { api } = method;
    if (!this.#isPermitted)
      this.#handler.addPermission(`Invoke${Names.nodeUniqueId(this.#handler.node)}`, {
        scope: api,
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: Stack.of(api).formatArn({
          service: 'execute-api',
          resource: api.restApiId,
          resourceName: `${this.#stageName}/*`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      });
    this.#isPermitted = true;
    // Another function needs another deployment: the stage would otherwise go on calling the old function. As in the names of
    // CDK's resources, a construct of the id `Default` is left out.
    const path = this.#handler.node.path.replaceAll(/\/Default(?=\/)/g, '');
    return { ...super.bind(method), deploymentToken: JSON.stringify({ function: path }) };
  }
}

export interface FunctionVariable {
  readonly name: string;
  readonly value: string;
  /** What happens without the variable. It completes a sentence. */
  readonly without: string;
}

/** A variable for which all APIs of a function must want the same value. */
interface AgreedVariable extends Omit<FunctionVariable, 'value'> {
  /** `undefined` where the variable must be absent. */
  readonly value: string | undefined;
  /** Why the APIs have to agree. It completes a sentence. */
  readonly because: string;
}

/** What {@link setAgreedVariable} has set on each function, by the names of the variables. */
const agreed = new WeakMap<IFunction, Map<string, string | undefined>>();

/**
 * Sets a variable as {@link setVariable} does, and holds every API of the function to the same value. Call it once for each
 * API.
 * @throws where another API wants another value. The last one would win, and the other API would be wrong.
 */
export function setAgreedVariable(scope: Construct, handler: IFunction, variable: AgreedVariable): void {
  const { name, value, without, because } = variable;
  const fn = ownFunctionOf(handler) ?? handler;
  const told = agreed.get(fn) ?? new Map<string, string | undefined>();
  if (told.has(name) && told.get(name) !== value)
    throw new Error(
      `${fn.node.path} serves APIs that each need another ${name}: ${because}. Give each API a function of its own.`,
    );
  agreed.set(fn, told.set(name, value));
  if (value !== undefined) setVariable(scope, handler, { name, value, without });
}

/**
 * Sets a variable of a function's environment. For an alias or a version, that is the environment of its function. An
 * imported function is made elsewhere: a warning then says what to set there by hand.
 */
export function setVariable(scope: Construct, handler: IFunction, variable: FunctionVariable): void {
  const { name, value, without } = variable;
  const own = ownFunctionOf(handler);
  if (own !== undefined) {
    own.addEnvironment(name, value);
    return;
  }
  Annotations.of(scope).addWarningV2(
    `keyward:${name}:${handler.node.path}`,
    `${handler.node.path} is not made in this app, so set ${name} on it by hand, to ${value}: without it ${without}.`,
  );
}

/** @returns the function of this app behind an alias or a version, or `undefined` for an imported function. */
export function ownFunctionOf(handler: IFunction): LambdaFunction | undefined {
  if (hasEnvironment(handler)) return handler;
  const qualified = handler as IFunction & { readonly lambda?: IFunction };
  return qualified.lambda !== undefined && hasEnvironment(qualified.lambda) ? qualified.lambda : undefined;
}

function hasEnvironment(handler: IFunction): handler is LambdaFunction {
  return 'addEnvironment' in handler;
}
