import type { InvocationResult } from '../functions/environment.ts';
import type { Authorizer, IdentitySource } from './authorizer-definition.ts';
import { type AuthorizerOutput, decide, readAuthorizerOutput } from './authorizer-output.ts';
import { type Exchange, lookupIn, methodArnOf } from './exchange.ts';
import type { GatewayFailure } from './gateway-response.ts';
import { headerValue } from './headers.ts';
import { authorizerEventOf } from './proxy-event.ts';

export interface AuthorizationOptions {
  readonly now: () => number;
  /** @returns undefined when no permission lets this authorizer invoke its function. */
  readonly invoke: (authorizer: Authorizer, event: object) => Promise<InvocationResult | undefined>;
  readonly note: (exchange: Exchange, text: string) => void;
}

const CONFIGURATION_ERROR: GatewayFailure = { type: 'AUTHORIZER_CONFIGURATION_ERROR', message: null };

/**
 * Runs REQUEST authorizers and caches their policies.
 *
 * A cached policy applies to every method and path until it expires, so it is evaluated for each request.
 * A thrown `Unauthorized` is not cached.
 * @see "Use API Gateway Lambda authorizers" and "Configure an API Gateway Lambda authorizer", API Gateway Developer Guide
 */
export class Authorization {
  readonly #options: AuthorizationOptions;
  readonly #cache = new Map<string, { output: AuthorizerOutput; expiresAt: number }>();

  constructor(options: AuthorizationOptions) {
    this.#options = options;
  }

  /** What `FlushStageAuthorizersCache` does. */
  flush(): void {
    this.#cache.clear();
  }

  /** @returns why the request ends here, or undefined if it may pass. */
  async check(authorizer: Authorizer, exchange: Exchange): Promise<GatewayFailure | undefined> {
    const identity = authorizer.identitySources.map((source) => identityValue(exchange, source));
    // "API Gateway returns a 401 Unauthorized without calling the Lambda function", whether or not it caches.
    if (identity.some((value) => !value)) return { type: 'UNAUTHORIZED', message: 'Unauthorized' };
    const startedAt = Date.now();
    const output = await this.#outputFor(authorizer, exchange, JSON.stringify([authorizer.id, ...identity]));
    exchange.authorizerLatencyMs = Date.now() - startedAt;
    if ('type' in output) return output;
    exchange.authorizer = output.context;
    const decision = decide(output.statements, methodArnOf(exchange));
    if (decision === 'allow') return undefined;
    const explicitly = decision === 'explicit-deny' ? ' with an explicit deny' : '';
    return { type: 'ACCESS_DENIED', message: `User is not authorized to access this resource${explicitly}` };
  }

  async #outputFor(
    authorizer: Authorizer,
    exchange: Exchange,
    key: string,
  ): Promise<AuthorizerOutput | GatewayFailure> {
    const { now, note } = this.#options;
    const cached = this.#cache.get(key);
    if (cached && cached.expiresAt > now()) return cached.output;
    this.#cache.delete(key);
    const result = await this.#options.invoke(authorizer, authorizerEventOf(exchange));
    if (!result) {
      note(exchange, 'Invalid permissions on the Lambda function of the authorizer.');
      return CONFIGURATION_ERROR;
    }
    if (result.kind === 'failed') {
      if (result.errorMessage === 'Unauthorized') return { type: 'UNAUTHORIZED', message: 'Unauthorized' };
      note(exchange, `The authorizer failed: ${result.errorType}: ${result.errorMessage}`);
      return { type: 'AUTHORIZER_FAILURE', message: null };
    }
    const output = readAuthorizerOutput(result.payload);
    if (typeof output === 'string') {
      note(exchange, `The authorizer's output is malformed: ${output}.`);
      return CONFIGURATION_ERROR;
    }
    if (authorizer.ttlSeconds > 0) {
      this.#cache.set(key, { output, expiresAt: now() + authorizer.ttlSeconds * 1000 });
    }
    return output;
  }
}

function identityValue(exchange: Exchange, { kind, name }: IdentitySource): string | undefined {
  switch (kind) {
    case 'header':
      return headerValue(exchange.headers, name);
    case 'querystring':
      return exchange.query.findLast(([key]) => key === name)?.[1];
    case 'stageVariables':
      return exchange.api.stage.variables[name];
    case 'context':
      return lookupIn(exchange)(`context.${name}`);
  }
}
