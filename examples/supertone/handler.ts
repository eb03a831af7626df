import middy from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { answerError, type GuardedEvent, guard, type PublicProblem } from 'keyward/middleware';
import { badRequest, json, notFound } from '../answers.ts';
import { type AudioFormat, acceptedFormat, synthesize } from './speech.ts';
import { accessTo, usableVoices } from './voices.ts';

const FOREIGN_VOICE: PublicProblem = {
  status: 403,
  title: 'Forbidden',
  code: 'forbidden',
  detail: 'The voice belongs to a different account.',
};
const NO_SUCH_VOICE = notFound('There is no such voice.');
const NO_TEXT = badRequest('The body must be a JSON object with a text.');

/** The sample product: voices. Some belong to the one account that cloned them. */
export const handler = middy().use(guard()).handler(answer);

async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  const account = event.principal.workspace ?? '';
  const voiceId = event.pathParameters?.voice_id;
  if (voiceId === undefined) {
    const items = usableVoices(account);
    return json(200, { items, total: items.length });
  }
  const access = accessTo(account, voiceId);
  if (access.kind === 'foreign') return answerError(event, FOREIGN_VOICE);
  if (access.kind === 'unknown') return answerError(event, NO_SUCH_VOICE);
  return event.httpMethod === 'GET' ? json(200, access.voice) : speak(event);
}

/** Answers with JSON or with the bytes alone, whichever the caller accepts. */
function speak(event: GuardedEvent): APIGatewayProxyResult {
  const request = requestIn(event.body ?? '');
  if (request === undefined) return answerError(event, NO_TEXT);
  const accepted = acceptedFormat(event.headers.Accept ?? event.headers.accept ?? '');
  const { mediaType, bytes } = synthesize(request.text, accepted ?? request.format);
  const audio = bytes.toString('base64');
  if (accepted === undefined) return json(200, { audio_base64: audio });
  return { statusCode: 200, headers: { 'Content-Type': mediaType }, body: audio, isBase64Encoded: true };
}

function requestIn(body: string): { readonly text: string; readonly format: AudioFormat } | undefined {
  try {
    const { text, output_format } = JSON.parse(body) ?? {};
    if (typeof text !== 'string' || text === '') return undefined;
    return { text, format: output_format === 'mp3' ? 'mp3' : 'wav' };
  } catch {
    return undefined;
  }
}
