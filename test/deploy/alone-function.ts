import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type GuardedEvent, guardAlone } from 'keyward/middleware';
import profile from '../../profiles/standard.json' with { type: 'json' };

/** A customer's function that checks keys itself, with no authorizer in front. */
export const handler = middy()
  .use(guardAlone<APIGatewayProxyEventV2>({ profile }))
  .handler(async ({ principal }: GuardedEvent<APIGatewayProxyEventV2>) => ({
    statusCode: 200,
    body: JSON.stringify({ workspace: principal.workspace }),
  }));
