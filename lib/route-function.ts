import { Annotations, ArnFormat, Names, Stack } from 'aws-cdk-lib';
import { AwsIntegration, type IntegrationConfig, type Method } from 'aws-cdk-lib/aws-apigateway';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Hands requests to a function, however many routes it has: one permission lets the whole stage of the API invoke it. A
 * permission for each route would outgrow a function's resource policy, 20,480 bytes, with about 50 of them, and would name
 * paths, which can be spelled in more ways than one. Other stages, such as the console's test stage, may not invoke it.
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
    // Another function makes another deployment: without one the stage would go on calling the former.
    return {
      ...super.bind(method),
      deploymentToken: JSON.stringify({ function: this.#handler.node.path }),
    };
  }
}

export interface FunctionVariable {
  readonly name: string;
  readonly value: string;
  /** What happens without it, as the end of a sentence. */
  readonly without: string;
}

/** A variable that must be the same for every API that leads to its function. */
interface AgreedVariable extends Omit<FunctionVariable, 'value'> {
  /** `undefined` where the variable must be absent. */
  readonly value: string | undefined;
  /** Why all of them have to agree, as the end of a sentence. */
  readonly because: string;
}

/** What functions were told by {@link setAgreedVariable}, by the names of variables. */
const agreed = new WeakMap<IFunction, Map<string, string | undefined>>();

/**
 * As {@link setVariable}, for what a function needs to be told for one API. Call it for each API that leads to the function.
 * @throws where another API has the function told something else: the last one would win, and the others be wrong.
 */
export function setAgreedVariable(scope: Construct, handler: IFunction, variable: AgreedVariable): void {
  const { name, value, without, because } = variable;
  const fn = ownFunctionOf(handler) ?? handler;
  const told = agreed.get(fn) ?? new Map<string, string | undefined>();
  if (told.has(name) && told.get(name) !== value)
    throw new Error(
      `${fn.node.path} stands behind APIs that need another ${name} each: ${because}. Give each of them a function of its own.`,
    );
  agreed.set(fn, told.set(name, value));
  if (value !== undefined) setVariable(scope, handler, { name, value, without });
}

/**
 * Sets a variable of a function's environment. An alias or a version stands for its function; one that was imported is made
 * elsewhere, and then a warning says what has to be set there by hand.
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
    `${handler.node.path} is not made here, so ${name} has to be set on it by hand, to ${value}: without it ${without}.`,
  );
}

/** @returns the function of this app that stands behind a name, or `undefined` for one that was imported. */
export function ownFunctionOf(handler: IFunction): LambdaFunction | undefined {
  if (hasEnvironment(handler)) return handler;
  const qualified = handler as IFunction & { readonly lambda?: IFunction };
  return qualified.lambda !== undefined && hasEnvironment(qualified.lambda) ? qualified.lambda : undefined;
}

function hasEnvironment(handler: IFunction): handler is LambdaFunction {
  return 'addEnvironment' in handler;
}
