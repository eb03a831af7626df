import middy from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { type GuardedEvent, guard } from 'keyward/middleware';
import { accessTo, usableVoices, type Voice } from './voices.ts';

/** The sample product: voices, some of which were cloned by one account and are for it alone. */
export const handler = middy().use(guard()).handler(answer);

async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  const account = event.principal.workspace ?? '';
  const voiceId = event.pathParameters?.voice_id;
  if (voiceId === undefined) {
    const items = usableVoices(account);
    return json(200, { items, total: items.length });
  }
  const access = accessTo(account, voiceId);
  if (access.kind === 'foreign') {
    return problem(event, 403, 'Forbidden', 'forbidden', 'The voice belongs to a different account.');
  }
  if (access.kind === 'unknown')
    return problem(event, 404, 'Not Found', 'not_found', 'There is no such voice.');
  return event.httpMethod === 'GET' ? json(200, access.voice) : speak(event, access.voice);
}

/** Answers what would be spoken; the sample has no sound. */
function speak(event: GuardedEvent, { voice_id, models }: Voice): APIGatewayProxyResult {
  const text = textOf(event.body ?? '');
  if (text === undefined) {
    return problem(
      event,
      400,
      'Bad Request',
      'invalid_request',
      'The body must be a JSON object with a text.',
    );
  }
  return json(200, { voice_id, model: models[0], characters: text.length });
}

function textOf(body: string): string | undefined {
  try {
    const { text } = JSON.parse(body) ?? {};
    return typeof text === 'string' && text !== '' ? text : undefined;
  } catch {
    return undefined;
  }
}

function problem(
  { requestContext }: GuardedEvent,
  status: number,
  title: string,
  code: string,
  detail: string,
): APIGatewayProxyResult {
  return json(status, {
    type: `/docs/problems.md#${code}`,
    title,
    status,
    detail,
    code,
    request_id: requestContext.requestId,
  });
}

function json(statusCode: number, body: object): APIGatewayProxyResult {
  const type = statusCode < 400 ? 'application/json' : 'application/problem+json';
  return { statusCode, headers: { 'Content-Type': type }, body: JSON.stringify(body) };
}
