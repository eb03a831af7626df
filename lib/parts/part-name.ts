import { Stack } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';

/**
 * A part of a deployment whose functions and alarms share metrics, apart from those of every other part. Where a part is a stack
 * of its own, its metrics have the stack's name. Several parts in one stack have their places in it as well.
 */
export abstract class Part extends Construct {}

/** The name that the metrics of a construct have in the dimension `stack`: that of its part, or else that of its stack. */
export function metricsNameOf(construct: IConstruct): string {
  const part = partOf(construct);
  return part === undefined ? Stack.of(construct).stackName : nameInAccount(part);
}

/** @returns `undefined` for a construct that belongs to no part. */
export function partOf(construct: IConstruct): Part | undefined {
  return construct.node.scopes.findLast((scope) => scope instanceof Part);
}

/** A name that no other construct in the same account and Region has: that of its stack, and its place in the stack. */
export function nameInAccount(construct: IConstruct): string {
  const path = pathInStack(construct);
  const { stackName } = outermostStack(construct);
  return path === '' ? stackName : `${stackName}-${path}`;
}

/**
 * The ids that lead to a construct inside its stack, with hyphens between them. A nested stack is a place in its outermost stack.
 * The path from the app is not unique: two apps may give their stacks the same ids. CDK leaves the id `Default` out of every name, and so
 * does this.
 */
export function pathInStack(construct: IConstruct): string {
  const { length } = outermostStack(construct).node.scopes;
  return construct.node.scopes
    .slice(length)
    .map(({ node }) => node.id)
    .filter((id) => id !== 'Default')
    .join('-');
}

/** The name of a nested stack is known only when it is deployed. */
export function outermostStack(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent === undefined ? stack : outermostStack(stack.nestedStackParent);
}
