import type { APIGatewayProxyResult } from 'aws-lambda';
import { type EventHeaders, type HttpEvent, hasInferredAnswers, isFromLoadBalancer } from './http-event.ts';
import { mergeHeaders } from './response-headers.ts';

type Answered = Pick<HttpEvent, 'requestContext'> & EventHeaders;
type Headers = NonNullable<APIGatewayProxyResult['headers']>;

/**
 * Makes one of Keyward's answers fit the event that it answers. A load balancer wants to be told of the encoding. Where it hands
 * over multi-value headers, it takes no others back.
 * @see "Lambda functions as targets", User Guide for Application Load Balancers
 */
export function fitAnswer(event: Answered, answer: APIGatewayProxyResult): APIGatewayProxyResult {
  if (!isFromLoadBalancer(event)) return answer;
  const fitted = { ...answer, isBase64Encoded: answer.isBase64Encoded ?? false };
  return event.multiValueHeaders ? { ...fitted, multiValueHeaders: listValues(answer.headers) } : fitted;
}

/** Adds headers to an answer of the product's. Their values win. */
export function addHeaders(
  event: Answered,
  answer: APIGatewayProxyResult,
  added: Headers,
): APIGatewayProxyResult {
  const own = hasInferredAnswers(event) ? writeOut(answer) : answer;
  own.headers = mergeHeaders(own.headers ?? {}, added);
  if (isFromLoadBalancer(event) && event.multiValueHeaders)
    own.multiValueHeaders = mergeHeaders(own.multiValueHeaders ?? {}, listValues(added));
  return own;
}

/** In payload 2.0 an answer without a status is a body alone. Such an answer could have no headers. */
function writeOut(answer: unknown): APIGatewayProxyResult {
  if (typeof answer === 'object' && answer !== null && 'statusCode' in answer)
    return answer as APIGatewayProxyResult;
  const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body };
}

function listValues(headers: Headers = {}): NonNullable<APIGatewayProxyResult['multiValueHeaders']> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}
