import type { APIGatewayProxyResult } from 'aws-lambda';
import { answerError, type GuardedEvent } from 'keyward/middleware';
import { badRequest, json, notFound } from '../answers.ts';
import { deleteRow, listRows, putRow, type Row, readRow } from '../rows.ts';

const LONGEST_ID = 100;
const LONGEST_BODY = 65_536;

const NO_SUCH_ROW = notFound('There is no such row.');
const BAD_BODY = badRequest('The body must be a JSON object with a name, of at most 64 KiB.');

/** The sample product: collections of rows, each workspace with its own. */
export async function answer(event: GuardedEvent): Promise<APIGatewayProxyResult> {
  const { workspace } = event.principal;
  const name = event.resource.split('/')[1] ?? '';
  const collection = { workspace: workspace ?? '', name, seeds: SEEDS[name] ?? [] };
  const id = event.pathParameters?.id;
  if (id === undefined) {
    if (event.httpMethod === 'GET') return json(200, { [collection.name]: await listRows(collection) });
    return withBody(event, async (fields) =>
      json(201, await putRow(collection, { ...fields, id: crypto.randomUUID() })),
    );
  }
  const row = id.length > LONGEST_ID ? undefined : await readRow(collection, id);
  if (row === undefined) return answerError(event, NO_SUCH_ROW);
  switch (event.httpMethod) {
    case 'PUT':
      return withBody(event, async (fields) => json(200, await putRow(collection, { ...fields, id })));
    case 'PATCH':
      return withBody(
        event,
        async (fields) => json(200, await putRow(collection, { ...row, ...fields, id })),
        row,
      );
    case 'DELETE':
      await deleteRow(collection, id);
      return { statusCode: 204, body: '' };
    default:
      return json(200, row);
  }
}

/** Bodies are JSON objects with a `name`. A PATCH may leave the name out. */
async function withBody(
  event: GuardedEvent,
  answerWith: (fields: { readonly name: string }) => Promise<APIGatewayProxyResult>,
  existing?: Row,
): Promise<APIGatewayProxyResult> {
  const body = event.body ?? '';
  const fields = body.length > LONGEST_BODY ? undefined : parse(body);
  const name = fields?.name ?? existing?.name;
  if (fields === undefined || typeof name !== 'string' || name === '') {
    return answerError(event, BAD_BODY);
  }
  return answerWith({ ...fields, name });
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** What a workspace finds in its collections before it has written anything. */
export const SEEDS: Readonly<Record<string, readonly Row[]>> = {
  users: [
    { id: 'user-1', name: 'Ada', email: 'ada@example.com' },
    { id: 'user-2', name: 'Grace', email: 'grace@example.com' },
  ],
  projects: [{ id: 'project-1', name: 'Website', status: 'active' }],
  records: [
    { id: 'record-1', name: 'First record', amount: 120 },
    { id: 'record-2', name: 'Second record', amount: 75 },
  ],
  settings: [{ id: 'time-zone', name: 'Time zone', value: 'UTC' }],
  team: [{ id: 'core', name: 'Core team' }],
  billing: [{ id: 'invoice-1', name: 'First invoice', total: 49 }],
};
