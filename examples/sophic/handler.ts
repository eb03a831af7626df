import middy from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { answerError, type GuardedEvent, guard } from 'keyward/middleware';
import { badRequest, json } from '../answers.ts';
import { captureDocument, grepDocuments, listDocuments, searchDocuments } from './documents.ts';

/** The sample product behind the authorizer. */
export const handler = middy().use(guard()).handler(answer);

const LONGEST_BODY = 65_536;

/** The sample product over REST: documents of a workspace, which the guard's principal names. */
export async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  const workspace = event.principal.workspace ?? '';
  switch (event.resource) {
    case '/api/v1/documents':
      return json(200, { documents: await listDocuments(workspace) });
    case '/api/v1/search':
      return withQuery(event, 'q', async (text) => ({ documents: await searchDocuments(workspace, text) }));
    case '/api/v1/grep':
      return withQuery(event, 'pattern', async (pattern) => ({
        matches: await grepDocuments(workspace, pattern),
      }));
    default:
      return ingest(event, workspace);
  }
}

async function withQuery(
  event: GuardedEvent,
  name: string,
  answerWith: (value: string) => Promise<object>,
): Promise<APIGatewayProxyResult> {
  const value = event.queryStringParameters?.[name];
  if (value === undefined || value === '')
    return answerError(event, badRequest(`The query must have a ${name}.`));
  return json(200, await answerWith(value));
}

/** A document belongs to the user who captured it, so the credential must have a user. */
async function ingest(event: GuardedEvent, workspace: string): Promise<APIGatewayProxyResult> {
  const { user } = event.principal;
  if (user === null) throw new Error('A document was captured without a user.');
  const fields = fieldsOf(event.body ?? '');
  if (fields === undefined)
    return answerError(
      event,
      badRequest('The body must be a JSON object with a title and a content, of at most 64 KiB.'),
    );
  return json(201, { document: await captureDocument({ workspace, user }, fields) });
}

function fieldsOf(body: string): { title: string; content: string } | undefined {
  if (body.length > LONGEST_BODY) return undefined;
  try {
    const { title, content } = JSON.parse(body) ?? {};
    const areTexts = typeof title === 'string' && typeof content === 'string';
    return areTexts && title !== '' && content !== '' ? { title, content } : undefined;
  } catch {
    return undefined;
  }
}
