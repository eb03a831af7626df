import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { json } from '../answers.ts';

const ENDPOINT = '/api/mcp-app';
const CONFIGURATION = '/mcp.json';

/** People and clients find the server by this document, with or without a key. */
const DESCRIPTION = {
  name: 'socialcrm',
  description: 'Brands and their contacts, for every brand of a company.',
  endpoint: ENDPOINT,
  transport: 'streamable-http',
  configuration: CONFIGURATION,
  authentication: {
    type: 'bearer',
    header: 'Authorization: Bearer sk_live_…',
    required_for: ['tools/list', 'tools/call'],
  },
};

/** To be pasted into a client's configuration, with the host in front of the path. */
const SERVERS = {
  mcpServers: {
    socialcrm: {
      type: 'http',
      url: ENDPOINT,
      headers: { Authorization: 'Bearer sk_live_YOUR_KEY_HERE' },
    },
  },
};

/** @returns `undefined` where the request is not for a public document. */
export function discoveryDocument(event: APIGatewayProxyEvent): APIGatewayProxyResult | undefined {
  if (event.httpMethod !== 'GET') return undefined;
  if (event.resource === CONFIGURATION) return json(200, SERVERS);
  if (event.resource !== ENDPOINT) return undefined;
  // Older clients ask for a stream first. Only this status makes them go on without one.
  if (asksForStream(event)) return { ...json(405, { error: 'There are no streams here.' }), ...ALLOW };
  return json(200, DESCRIPTION);
}

const ALLOW = { headers: { 'Content-Type': 'application/json', Allow: 'POST' } };

function asksForStream({ multiValueHeaders }: APIGatewayProxyEvent): boolean {
  return Object.entries(multiValueHeaders ?? {}).some(
    ([name, values]) =>
      name.toLowerCase() === 'accept' &&
      values?.some((value) => value.toLowerCase().includes('text/event-stream')),
  );
}
