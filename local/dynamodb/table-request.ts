import { request } from 'node:http';
import { isObject, type JsonObject } from '../assembly/json.ts';

/** Where one run keeps its tables: DynamoDB Local separates databases by access key id and region. */
export interface Namespace {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly region: string;
}

/** DynamoDB Local reads the access key and the region out of this header and checks no signature. */
export function authorizationOf({ accessKeyId, region }: Namespace): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;
}

/** One call of DynamoDB's JSON protocol by the runner itself. Functions bring their own SDK. */
export function callDynamoDb(namespace: Namespace, operation: string, body: JsonObject): Promise<JsonObject> {
  const { hostname, port } = new URL(namespace.endpoint);
  const headers = {
    authorization: authorizationOf(namespace),
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
  };
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method: 'POST', path: '/', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode !== 200) {
          reject(new Error(`DynamoDB answered ${operation} with ${response.statusCode}: ${text}`));
          return;
        }
        const answer: unknown = JSON.parse(text);
        resolve(isObject(answer) ? answer : {});
      });
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
