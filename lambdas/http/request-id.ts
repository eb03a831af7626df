/** Of a request's context, what names the request. */
interface RequestNames {
  readonly extendedRequestId?: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * The id of a request, for its answer and for the log. A caller can choose `requestId` by a header, and cannot choose
 * `extendedRequestId`.
 * @param context missing where a test calls a handler without one.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestIdOf(context: RequestNames | undefined): string {
  return context?.extendedRequestId ?? context?.requestId ?? '';
}
