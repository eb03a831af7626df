import type { APIGatewayProxyResult } from 'aws-lambda';
import { writeSignedInUser } from '../../lambdas/authorizer/principal-context.ts';
import type { TestProduct } from '../product.ts';

interface Asked {
  /** The construct of the function that answers, such as `PutMember`. */
  readonly fn: string;
  readonly method?: string;
  readonly resource?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Calls a function of the management API as its authorizer lets a signed-in user through, under the function's own role. */
export async function askAs(
  { assembly, workspace }: TestProduct,
  user: string,
  { fn, method = 'GET', resource = '', pathParameters, body }: Asked,
) {
  const [found, ...others] = Object.values(assembly.functions).filter(({ constructPath }) =>
    constructPath.endsWith(`/${fn}`),
  );
  if (found === undefined || others.length > 0) throw new Error(`There is not one function ${fn}.`);
  const result = await assembly.invoke(found.id, {
    ...{ httpMethod: method, resource, body: body === undefined ? null : JSON.stringify(body) },
    ...{ isBase64Encoded: false, queryStringParameters: null },
    pathParameters: { workspace, ...pathParameters },
    requestContext: {
      ...{ requestId: 'request', identity: { sourceIp: '127.0.0.1' } },
      authorizer: writeSignedInUser({ kind: 'signed_in', user }),
    },
  });
  if (result.kind !== 'returned') throw new Error(`The function ${fn} has not answered.`);
  const { statusCode, body: text } = result.payload as APIGatewayProxyResult;
  return { status: statusCode, body: JSON.parse(text) };
}
