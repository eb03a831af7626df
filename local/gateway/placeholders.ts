import { CannotRun } from '../cannot-run.ts';

/**
 * The `$context` names that may stand in an access-log format or a gateway response.
 * @see "Variables for data models, authorizers, mapping templates, and CloudWatch access logging", API Gateway
 */
const CONTEXT_NAMES = [
  'accountId',
  'apiId',
  'authorize.error',
  'authorize.latency',
  'authorize.status',
  'authenticate.error',
  'authenticate.latency',
  'authenticate.status',
  'awsEndpointRequestId',
  'customDomain.basePathMatched',
  'deploymentId',
  'domainName',
  'domainPrefix',
  'error.message',
  'error.messageString',
  'error.responseType',
  'error.validationErrorString',
  'extendedRequestId',
  'httpMethod',
  'integration.integrationStatus',
  'integration.latency',
  'integration.status',
  'integrationLatency',
  'integrationStatus',
  'isCanaryRequest',
  'path',
  'protocol',
  'requestId',
  'requestTime',
  'requestTimeEpoch',
  'resourceId',
  'resourcePath',
  'responseLatency',
  'responseLength',
  'stage',
  'status',
  'xrayTraceId',
];
const CONTEXT_FAMILIES = ['authorizer.', 'identity.'];

const PLACEHOLDER =
  /\$(context(?:\.\w+)+|stageVariables\.\w+|method\.request\.(?:header|querystring|path)\.[\w-]+)|\$\{?([A-Za-z]\w*)/g;

/** The values of placeholders, by full name such as `context.requestId`. */
export type Lookup = (name: string) => string | undefined;

/** Stops the run at a placeholder that API Gateway would not know, rather than print it as text. */
export function checkPlaceholders(where: string, text: string): void {
  if (/^\s*#(set|if|foreach)\b/m.test(text)) {
    throw new CannotRun(
      `${where}: it is a VTL template, and API Gateway only substitutes plain variables there.`,
    );
  }
  for (const [placeholder, known, other] of text.matchAll(PLACEHOLDER)) {
    if (known && isKnown(known)) continue;
    throw new CannotRun(
      `${where}: ${known ? placeholder : `$${other}`} is not a variable that API Gateway fills in there.`,
    );
  }
}

export function isKnown(name: string): boolean {
  if (!name.startsWith('context.')) return true;
  const inner = name.slice('context.'.length);
  return CONTEXT_NAMES.includes(inner) || CONTEXT_FAMILIES.some((family) => inner.startsWith(family));
}

/** Plain substitution without escaping. A placeholder without a value becomes `absent`. */
export function fillPlaceholders(text: string, lookup: Lookup, absent: string): string {
  return text.replace(PLACEHOLDER, (placeholder, known: string | undefined) =>
    known === undefined ? placeholder : (lookup(known) ?? absent),
  );
}
