import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { FunctionAuthorizer } from './function-authorizers.ts';

/**
 * Finds authorizers over a function that somebody has made by hand, or changed by hand, so that they cache.
 * @param authorizers all that are over the function.
 * @param permitted the authorizers that may.
 * @returns a sentence for each.
 */
export function cachingFaults(
  fn: LambdaFunction,
  {
    authorizers,
    permitted,
  }: { readonly authorizers: readonly FunctionAuthorizer[]; readonly permitted: ReadonlySet<IConstruct> },
): string[] {
  return authorizers.flatMap(({ resource, kind, type, ttl }) => {
    const { path, scope } = resource.node;
    if (permitted.has(scope ?? resource)) return [];
    if (type === 'TOKEN')
      return [
        `${path} is a TOKEN authorizer, and ${fn.node.path} needs the whole request: use its \`rest\` instead.`,
      ];
    if (ttl === 0) return [];
    return [
      `${path} caches what ${fn.node.path} decides${typeof ttl === 'number' ? ` for ${ttl} seconds` : ''}: a revoked key would go on working, and other routes of the API would be answered 403. ${INSTEAD[kind]} A GuardedApi with verdictCache caches what may be cached.`,
    ];
  });
}

const INSTEAD: Readonly<Record<FunctionAuthorizer['kind'], string>> = {
  resource: 'Use its `rest` or `http` instead.',
  described: 'Use its `securityScheme` as it is.',
};
