import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { createDescriptionHandler } from '../../lambdas/api-description.ts';

const DESCRIPTION = { text: '{"openapi":"3.1.1"}', etag: '"abc"' };
const handler = createDescriptionHandler(DESCRIPTION);

function askedWith(headers: Record<string, string[]>, stageVariables: Record<string, string> | null = null) {
  return handler({ multiValueHeaders: headers, stageVariables } as unknown as APIGatewayProxyEvent);
}

describe('the function that serves the description of the API', () => {
  test('answers with the whole document, and lets caches keep it for some minutes', async () => {
    expect(await askedWith({})).toEqual({
      statusCode: 200,
      headers: {
        ETag: '"abc"',
        'Cache-Control': 'public, max-age=300',
        'Content-Type': 'application/json',
      },
      body: DESCRIPTION.text,
    });
  });

  test.each([['"abc"'], ['W/"abc"'], ['"old", "abc"'], ['*']])(
    'sends no document to a caller who has it: If-None-Match: %s',
    async (tags) => {
      const answer = await askedWith({ 'If-None-Match': [tags] });
      expect(answer).toMatchObject({ statusCode: 304, body: '', headers: { ETag: '"abc"' } });
    },
  );

  test('sends the document to a caller who has another one', async () => {
    expect(await askedWith({ 'if-none-match': ['"old"'] })).toMatchObject({ statusCode: 200 });
  });
});
