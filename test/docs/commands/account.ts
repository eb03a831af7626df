import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stackNameOf } from '../../../lib/files/stack-names.ts';
import type { TestProduct } from '../../product.ts';

/** What the operator's commands find a running product by. */
export interface Account {
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** Stands in for CloudFormation: tells the outputs of the data stack, which name the tables. */
export async function accountOf({ profile, tables, assembly }: TestProduct): Promise<Account> {
  const dataStack = stackNameOf({ profile: profile.name }, 'Data');
  const { accessKeyId } = await tables.client.config.credentials();
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(await text(request)).get('StackName');
    if (asked !== dataStack) return response.writeHead(400).end();
    const members = Object.entries(assembly.outputs[dataStack] ?? {}).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<StackName>${dataStack}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs>`;
    response.writeHead(200, { 'Content-Type': 'text/xml' });
    response.end(
      `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
    return undefined;
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      AWS_REGION: assembly.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'unused',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_DYNAMODB: assembly.dynamodbEndpoint,
    },
    stop: () => server.close(),
  };
}
