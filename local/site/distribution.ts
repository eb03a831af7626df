import type { PropertyReader } from '../assembly/json.ts';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';
import type { RestApi } from '../gateway/rest-api.ts';
import { type AddedHeaders, readHeadersPolicy } from './headers-policy.ts';
import { readStoredFiles, type StoredFile } from './stored-files.ts';

/** A distribution that serves files in front of a REST API: the files at some paths, the API everywhere else. */
export interface Distribution {
  /** The id of the API. */
  readonly apiId: string;
  readonly behaviors: readonly SiteBehavior[];
}

/** What answers at the paths of one pattern. */
export interface SiteBehavior {
  readonly pattern: RegExp;
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly headers: AddedHeaders;
  /** The code of the function that sees each request first; undefined where there is none. */
  readonly viewerRequestCode: string | undefined;
}

/** AWS's own policy that passes everything but the header `Host` on. */
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

/** @throws {CannotRun} for a distribution that does more than serve files in front of an API. */
export function readDistributions(
  stacks: readonly ResolvedStack[],
  apis: readonly RestApi[],
): Distribution[] {
  const resources = stacks.flatMap((stack) => stack.resources);
  const distributions = resources.filter(({ type }) => type === 'AWS::CloudFront::Distribution');
  if (distributions.length === 0) return [];
  const files = readStoredFiles(stacks);
  const named = (type: string) => resources.filter((resource) => resource.type === type);
  const policies = named('AWS::CloudFront::ResponseHeadersPolicy');
  const functions = named('AWS::CloudFront::Function');
  return distributions.map((distribution) => {
    const config = distribution.properties.object('DistributionConfig');
    const origins = new Map(config.objects('Origins').map((origin) => [origin.text('Id'), origin]));
    const api = apiAt(distribution, config, { origins, apis });
    const behaviors = config.objects('CacheBehaviors').map((behavior): SiteBehavior => {
      const policyId = behavior.optionalText('ResponseHeadersPolicyId');
      const policy = policies.find(({ identity }) => identity.ref === policyId);
      if (policyId !== undefined && policy === undefined)
        throw new CannotRun(`${distribution.id}: its response headers policy is not in this assembly.`);
      const origin = origins.get(behavior.text('TargetOriginId'));
      const [bucket = ''] = origin?.text('DomainName').split('.') ?? [];
      if (origin?.has('S3OriginConfig') !== true)
        throw new CannotRun(`${distribution.id}: only the default behavior may lead to an API.`);
      return {
        pattern: patternOf(behavior.text('PathPattern')),
        files: files.get(bucket) ?? new Map(),
        headers: policy === undefined ? [] : readHeadersPolicy(policy),
        viewerRequestCode: viewerRequestCodeOf(distribution, behavior, functions),
      };
    });
    return { apiId: api.id, behaviors };
  });
}

function apiAt(
  { id }: ResolvedResource,
  config: PropertyReader,
  known: { readonly origins: ReadonlyMap<string, PropertyReader>; readonly apis: readonly RestApi[] },
): RestApi {
  const behavior = config.object('DefaultCacheBehavior');
  if (behavior.optionalText('OriginRequestPolicyId') !== ALL_VIEWER_EXCEPT_HOST_HEADER)
    throw new CannotRun(`${id}: its API must get every header but Host.`);
  const origin = known.origins.get(behavior.text('TargetOriginId'));
  const [apiId] = origin?.text('DomainName').split('.') ?? [];
  const api = known.apis.find((each) => each.id === apiId);
  if (api === undefined || origin?.optionalText('OriginPath') !== `/${api.stage.name}`)
    throw new CannotRun(`${id}: its default origin is not the stage of a REST API of this assembly.`);
  return api;
}

function viewerRequestCodeOf(
  { id }: ResolvedResource,
  behavior: PropertyReader,
  functions: readonly ResolvedResource[],
): string | undefined {
  const [association, another] = behavior.objects('FunctionAssociations');
  if (association === undefined) return undefined;
  const arn = association.text('FunctionARN');
  const fn = functions.find(({ identity }) => identity.attributes.FunctionARN === arn);
  if (another !== undefined || association.text('EventType') !== 'viewer-request' || fn === undefined)
    throw new CannotRun(`${id}: a path has at most one function of this assembly, and it sees requests.`);
  const runtime = fn.properties.object('FunctionConfig').text('Runtime');
  if (runtime !== 'cloudfront-js-2.0')
    throw new CannotRun(`${fn.id}: the runtime ${runtime} does not run here.`);
  return fn.properties.text('FunctionCode');
}

/** `*` is any number of characters, `?` is one. Case matters. */
function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const source = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
