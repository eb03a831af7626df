import type { ResolvedStack } from '../assembly/resolved-stack.ts';
import { matchesWildcard } from '../wildcard.ts';

export interface Invoker {
  /** The AWS service that calls, such as `apigateway.amazonaws.com`. */
  readonly service: string;
  /** The ARN of the method, authorizer or rule for which it calls. */
  readonly sourceArn: string;
}

/** The resource policies of all functions. An AWS service may invoke a function only if a permission says so. */
export class InvokePermissions {
  readonly #granted: { functionArn: string; service: string; sourceArn: string }[];

  constructor(stacks: readonly ResolvedStack[]) {
    this.#granted = stacks
      .flatMap((stack) => stack.resources)
      .filter(({ type }) => type === 'AWS::Lambda::Permission')
      .filter(({ properties }) => matchesWildcard(properties.text('Action'), 'lambda:InvokeFunction'))
      .map(({ properties }) => ({
        functionArn: properties.text('FunctionName'),
        service: properties.text('Principal'),
        sourceArn: properties.optionalText('SourceArn') ?? '*',
      }));
  }

  allows(
    { arn, name }: { readonly arn: string; readonly name: string },
    { service, sourceArn }: Invoker,
  ): boolean {
    return this.#granted.some(
      (grant) =>
        // A permission may name its function by ARN or by name.
        (grant.functionArn === arn || grant.functionArn === name) &&
        grant.service === service &&
        matchesWildcard(grant.sourceArn, sourceArn),
    );
  }
}
