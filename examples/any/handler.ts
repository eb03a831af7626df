import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { type GuardedEvent, guard } from 'keyward/middleware';
import { answer, answerPublic, PUBLIC_ROUTES } from './product.ts';

const guarded = middy().use(guard()).handler(answer);

/** Any product's routes, behind the authorizer. Public ones are answered before the guard. */
export async function handler(event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> {
  const isPublic = PUBLIC_ROUTES.includes(`${event.httpMethod} ${event.resource}`);
  return isPublic ? answerPublic(event) : guarded(event as GuardedEvent, context);
}
