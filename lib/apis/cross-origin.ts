import { Lazy } from 'aws-cdk-lib';
import {
  AuthorizationType,
  ContentHandling,
  type IResource,
  type Method,
  MockIntegration,
  ResponseType,
} from 'aws-cdk-lib/aws-apigateway';
import { METHODS } from '../../core/access/action-pattern.ts';
import { ACCEPTED_HEADERS, EXPOSED_HEADERS } from '../../core/access/allowed-origins.ts';
import { acknowledgeFinding } from '../parts/findings.ts';

/** For how long browsers may keep the answer to a preflight. Chromium keeps answers no longer than this. */
const KEPT_SECONDS = 7200;

/** The template sets this header. The method response must declare it. */
const ALLOW_ORIGIN = 'method.response.header.Access-Control-Allow-Origin';

const CALLED_WITH_ANY = METHODS.filter((method) => method !== 'OPTIONS');

/**
 * Answers the preflights that browsers send before a page's request. API Gateway does it alone: a preflight holds no
 * credential, and no function runs.
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
export class Preflight {
  readonly #origins: readonly string[];
  readonly #headers = new Set(ACCEPTED_HEADERS);
  readonly #methods = new Map<string, Set<string>>();

  /** @param origins each exactly as browsers send it. */
  constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  /** Lets pages send a header of the product on every route. The case of the name does not matter. */
  acceptHeader(name: string): void {
    const isKnown = [...this.#headers].some((known) => known.toLowerCase() === name.toLowerCase());
    if (!isKnown) this.#headers.add(name);
  }

  /** Lets pages call a method of a resource. */
  acceptMethod({ httpMethod, resource }: Method): void {
    const known = this.#methods.get(resource.path);
    const methods = known ?? new Set<string>();
    for (const each of httpMethod === 'ANY' ? CALLED_WITH_ANY : [httpMethod]) methods.add(each);
    this.#methods.set(resource.path, methods);
    if (known === undefined) acknowledgeFinding(this.#addOptions(resource, methods), 'APIG4');
  }

  #addOptions(resource: IResource, methods: ReadonlySet<string>): Method {
    const headers = {
      Vary: "'Origin'",
      'Access-Control-Allow-Methods': listed(methods),
      'Access-Control-Allow-Headers': listed(this.#headers),
      'Access-Control-Max-Age': `'${KEPT_SECONDS}'`,
    };
    const named = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value]);
    const integration = new MockIntegration({
      // Without this, an API that treats every body as bytes fills no template in, and the preflight is a 500.
      contentHandling: ContentHandling.CONVERT_TO_TEXT,
      requestTemplates: { 'application/json': '{ statusCode: 200 }' },
      integrationResponses: [
        {
          statusCode: '204',
          contentHandling: ContentHandling.CONVERT_TO_TEXT,
          responseParameters: Object.fromEntries(named),
          responseTemplates: { 'application/json': allowOriginTemplate(this.#origins) },
        },
      ],
    });
    return resource.addMethod('OPTIONS', integration, {
      authorizationType: AuthorizationType.NONE,
      methodResponses: [
        {
          statusCode: '204',
          responseParameters: Object.fromEntries([...named, [ALLOW_ORIGIN]].map(([name]) => [name, true])),
        },
      ],
    });
  }
}

/** Several names as one static value. It is made when the template is written, since all names are known only then. */
function listed(names: ReadonlySet<string>): string {
  return Lazy.string({ produce: () => `'${[...names].join(', ')}'` });
}

/**
 * A template that adds `Access-Control-Allow-Origin` for a page of one of the origins, and otherwise nothing. The header
 * `Origin` may have its name of HTTP/1.1 or the lower-case one of HTTP/2.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
 */
function allowOriginTemplate(origins: readonly string[]): string {
  const sent = ['Origin', 'origin'].map((name) => `$input.params().header.get("${name}")`);
  const branches = origins.map((origin, index) => {
    const isSent = sent.map((value) => `${value} == "${origin}"`).join(' || ');
    const allow = `#set($context.responseOverride.header.Access-Control-Allow-Origin = "${origin}")`;
    return `${index === 0 ? '#if' : '#elseif'}(${isSent})\n${allow}\n`;
  });
  return `${branches.join('')}#end`;
}

export interface OwnAnswers {
  readonly origins: readonly string[];
  /** Whether the authorizer tells API Gateway which origin may read the answer to a request that it denies. */
  readonly isToldOrigin: boolean;
}

/**
 * The headers that let pages read what API Gateway answers itself.
 *
 * A gateway response cannot compare anything: each header is fixed, or copied from the request or the authorizer. A copy of
 * the request's origin would let every page read the answer. So the header names the first origin, and pages of the others
 * cannot read it. Only where the authorizer has compared the origin does the header name the page's own.
 */
export function ownAnswerHeaders(
  type: ResponseType,
  { origins, isToldOrigin }: OwnAnswers,
): Readonly<Record<string, string>> {
  const [first, ...others] = origins;
  if (first === undefined) return {};
  const isCompared = others.length > 0 && isToldOrigin && type === ResponseType.ACCESS_DENIED;
  return {
    Vary: "'Origin'",
    'Access-Control-Allow-Origin': isCompared ? 'context.authorizer.allowedOrigin' : `'${first}'`,
    'Access-Control-Expose-Headers': `'${EXPOSED_HEADERS}'`,
  };
}
