import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An AWS account on this machine that has buckets and nothing else. */
export interface BucketAccount {
  readonly url: string;
  /** The paths of what was uploaded: `/BUCKET/KEY`. */
  readonly uploaded: readonly string[];
  stop(): void;
}

const IDENTITY =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/deployer</Arn><UserId>deployer</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

/** The answers to an upload in parts, which the SDK chooses for large files. */
const BEGUN = '<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>';
const COMPLETED = '<CompleteMultipartUploadResult><ETag>"uploaded"</ETag></CompleteMultipartUploadResult>';

/** Answers what the CDK's command line asks of S3 and STS before it uploads. Buckets are empty. */
export async function startAccount(): Promise<BucketAccount> {
  const uploaded: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    const answer = (status: number, text: string) =>
      response.writeHead(status, { 'Content-Type': 'application/xml' }).end(text);
    if (body.includes('Action=GetCallerIdentity')) return answer(200, IDENTITY);
    if (searchParams.has('location'))
      return answer(200, '<LocationConstraint>eu-central-1</LocationConstraint>');
    if (searchParams.has('list-type'))
      return answer(200, '<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>');
    if (request.method === 'POST' && searchParams.has('uploads')) return answer(200, BEGUN);
    if (request.method === 'POST' && searchParams.has('uploadId')) return answer(200, COMPLETED);
    if (request.method !== 'PUT') return answer(404, '<Error><Code>NoSuchKey</Code></Error>');
    uploaded.push(pathname);
    return response.writeHead(200, { ETag: '"uploaded"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, uploaded, stop: () => server.close() };
}
