import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * The ids that lead to a construct within its stack. Together with the stack's name they are unique in an account and
 * Region; a path from the app is not, since two apps may give their stacks equal ids.
 */
export function pathInStack(construct: IConstruct): string {
  const { length } = Stack.of(construct).node.scopes;
  return construct.node.scopes
    .slice(length)
    .map(({ node }) => node.id)
    .join('-');
}
