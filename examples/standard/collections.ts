import type { APIGatewayProxyResult } from 'aws-lambda';
import type { GuardedEvent } from 'keyward/middleware';
import { deleteRow, listRows, putRow, type Row, readRow } from '../rows.ts';
import { SEEDS } from './seeds.ts';

const LONGEST_ID = 100;
const LONGEST_BODY = 65_536;

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
  if (row === undefined) return json(404, problem(404, 'Not Found', 'not_found', event));
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

/** Bodies are JSON objects with a `name`; a PATCH may leave it as it is. */
async function withBody(
  event: GuardedEvent,
  answerWith: (fields: { readonly name: string }) => Promise<APIGatewayProxyResult>,
  existing?: Row,
): Promise<APIGatewayProxyResult> {
  const body = event.body ?? '';
  const fields = body.length > LONGEST_BODY ? undefined : parse(body);
  const name = fields?.name ?? existing?.name;
  if (fields === undefined || typeof name !== 'string' || name === '') {
    return json(400, problem(400, 'Bad Request', 'invalid_request', event));
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

function problem(status: number, title: string, code: string, { requestContext }: GuardedEvent) {
  const detail =
    status === 404
      ? 'There is no such row.'
      : 'The body must be a JSON object with a name, of at most 64 KiB.';
  return {
    type: `/docs/problems.md#${code}`,
    title,
    status,
    detail,
    code,
    request_id: requestContext.requestId,
  };
}

function json(statusCode: number, body: object): APIGatewayProxyResult {
  const type = statusCode < 400 ? 'application/json' : 'application/problem+json';
  return { statusCode, headers: { 'Content-Type': type }, body: JSON.stringify(body) };
}
