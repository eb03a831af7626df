import type { APIGatewayProxyEvent } from 'aws-lambda';
import { Unfinished } from '../../../core/errors/fault.ts';
import { ProblemError } from '../../http/problem.ts';
import type { LogEntry } from '../../log/entry.ts';

/**
 * What was asked and how it was answered. The route as API Gateway knows it, and nothing that the caller wrote: a path, a
 * query or a body may hold a secret that was put in the wrong place.
 */
export function answerEntry(event: APIGatewayProxyEvent, status: number, error?: unknown): LogEntry {
  const { httpMethod, resource, requestContext } = event;
  return {
    ...{ level: 'INFO', message: 'answered' },
    fields: {
      ...{ method: httpMethod, route: resource, status, outcome: outcomeOf(status, error) },
      code: codeOf(error),
      credential_id: requestContext.authorizer?.credentialId ?? null,
    },
    metric: { name: 'ManagementCall', value: 1, unit: 'Count', by: 'outcome' },
  };
}

function codeOf(error: unknown): string | null {
  if (error instanceof Unfinished) return 'change_in_progress';
  return error instanceof ProblemError ? error.problem.code : null;
}

/** `unfinished`: begun, and going on by itself, which is no fault. */
function outcomeOf(status: number, error: unknown): 'done' | 'refused' | 'unfinished' | 'fault' {
  if (error instanceof Unfinished) return 'unfinished';
  if (status >= 500) return 'fault';
  return status >= 400 ? 'refused' : 'done';
}
