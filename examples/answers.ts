import type { APIGatewayProxyResult } from 'aws-lambda';
import type { PublicProblem } from 'keyward/middleware';

export function json(statusCode: number, body: object): APIGatewayProxyResult {
  return { statusCode, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

export function notFound(detail: string): PublicProblem {
  return { status: 404, title: 'Not Found', code: 'not_found', detail };
}

export function badRequest(detail: string): PublicProblem {
  return { status: 400, title: 'Bad Request', code: 'invalid_request', detail };
}
