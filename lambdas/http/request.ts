import { readAllowedOrigins } from '../../core/access/allowed-origins.ts';
import { headerValues, type MultiValueHeaders } from '../../core/verification/presentation.ts';

/** The two ids of a request, as they stand in its context. */
interface RequestIds {
  readonly extendedRequestId?: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * Returns the id of a request, for its answer and for the log. A caller can choose `requestId` by a header, but cannot choose
 * `extendedRequestId`, so that one comes first.
 * @param context may be missing where a test calls a handler.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestIdOf(context: RequestIds | undefined): string {
  return context?.extendedRequestId ?? context?.requestId ?? '';
}

/** The parts of an event that say which page calls and which pages may. Events of authorizers have them too. */
export interface PageRequest {
  readonly stageVariables?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null;
}

/** @returns the origin of the calling page, if the API allows it. */
export function allowedOriginOf({ stageVariables, multiValueHeaders }: PageRequest): string | undefined {
  const [origin, ...others] = headerValues((multiValueHeaders ?? {}) as MultiValueHeaders, 'origin');
  const isAllowed = origin !== undefined && readAllowedOrigins(stageVariables).includes(origin);
  return isAllowed && others.length === 0 ? origin : undefined;
}

/** Whether pages of other origins may call the API. */
export function isCrossOrigin({ stageVariables }: PageRequest): boolean {
  return readAllowedOrigins(stageVariables).length > 0;
}
