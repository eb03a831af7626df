/**
 * One line for each request. It holds no header, no query and no path that a caller wrote, since any of them may hold a
 * secret that was put in the wrong place.
 */
export const ACCESS_LOG = {
  request_id: '$context.extendedRequestId',
  at: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  source_ip: '$context.identity.sourceIp',
  credential_id: '$context.authorizer.credentialId',
  refusal: '$context.authorizer.refusal',
  response_type: '$context.error.responseType',
  latency_ms: '$context.responseLatency',
  authorizer_latency_ms: '$context.authorizer.latency',
};
