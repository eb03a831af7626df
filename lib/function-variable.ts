import { Annotations } from 'aws-cdk-lib';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

export interface FunctionVariable {
  readonly name: string;
  readonly value: string;
  /** What happens without it, as the end of a sentence. */
  readonly without: string;
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
