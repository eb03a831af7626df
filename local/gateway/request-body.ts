import type { IncomingMessage } from 'node:http';

/** A REST API takes 10 MB, "Amazon API Gateway quotas". */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export async function readRequestBody(incoming: IncomingMessage): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    // The rest is read and dropped, so that the caller gets an answer and not a broken connection.
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return length > BODY_LIMIT_BYTES ? 'too-large' : Buffer.concat(chunks);
}
