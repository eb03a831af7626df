import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { pascalCase, type StackPart, stackNameOf } from '../../lib/files/stack-names.ts';
import { ROOT } from '../bin/processes.ts';
import { send } from '../product.ts';
import type { Outputs } from './cdk.ts';
import type { Emulator } from './emulator.ts';
import { CALLS, type ProductCall, type ProductCalls } from './product-calls.ts';

export interface IssuedKey {
  readonly id: string;
  readonly secret: string;
}

/** Resources that hold what customers have: keys, people, the address that they call. */
const LASTING = [
  'AWS::DynamoDB::Table',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::ApiGateway::RestApi',
];

/** A product in the emulator, as its operator and its customers reach it. */
export class DeployedProduct {
  readonly calls: ProductCalls;
  readonly #profile: string;
  readonly #emulator: Emulator;
  readonly #cloudFormation: CloudFormationClient;
  #outputs: Outputs = {};
  #managementKey = '';

  constructor(profile: string, emulator: Emulator) {
    const calls = CALLS[profile];
    if (calls === undefined) throw new Error(`Nobody has said how ${profile} is called.`);
    this.calls = calls;
    this.#profile = profile;
    this.#emulator = emulator;
    this.#cloudFormation = new CloudFormationClient({
      endpoint: emulator.endpoint,
      region: emulator.environment.AWS_REGION ?? '',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  set outputs(outputs: Outputs) {
    this.#outputs = outputs;
  }

  output(part: StackPart, name: string): string {
    return this.#outputs[this.stack(part)]?.[name] ?? '';
  }

  stack(part: StackPart): string {
    return stackNameOf({ profile: this.#profile }, part);
  }

  /** Makes the first workspace, as the operator does: by the command line, under their AWS credentials. */
  async bootstrap(): Promise<void> {
    const { workspace } = this.calls;
    const args = ['bootstrap', '--workspace', workspace, '--owner', 'usr_owner'];
    const command = [join(ROOT, 'bin/keyward.mjs'), ...args, '--name', pascalCase(this.#profile)];
    const { stdout } = await promisify(execFile)(process.execPath, command, {
      cwd: ROOT,
      env: this.#emulator.environment,
    });
    this.#managementKey = JSON.parse(stdout).management_key;
  }

  /** Issues a key as the deployed API does. */
  async issue(): Promise<IssuedKey> {
    const { status, body } = await this.#manage('keys', { ...this.calls.key, created_by: 'usr_owner' });
    if (status !== 201) throw new Error(`It was not issued: ${status} ${JSON.stringify(body)}.`);
    return { id: body.key.id, secret: body.secret };
  }

  async revoke({ id }: IssuedKey): Promise<void> {
    const { status, body } = await this.#manage(`keys/${id}/revoke`, {});
    if (status !== 200) throw new Error(`It was not revoked: ${status} ${JSON.stringify(body)}.`);
  }

  /** Calls the sample API. @returns the status, and the error that an MCP server puts into a good answer. */
  async call({ path, body, headers }: ProductCall, key?: IssuedKey): Promise<number | string> {
    const presented = key === undefined ? {} : this.calls.present(key.secret);
    const response = await fetch(this.#sampleUrl(path), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...presented },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return response.status === 200 && text.includes('"error"') ? text : response.status;
  }

  /** Calls the sample API without a key, as a page of another origin. @returns the origin whose pages may read the answer. */
  async originAllowed(origin: string): Promise<string | null> {
    const headers = { Origin: origin };
    const response = await fetch(this.#sampleUrl(this.calls.allowed.path), { headers });
    return response.headers.get('access-control-allow-origin');
  }

  /** The physical ids of all that no update may replace. */
  async lastingIds(): Promise<Readonly<Record<string, string>>> {
    const ids: Record<string, string> = {};
    for (const part of ['Data', 'Api', 'Sample'] as const) {
      const StackName = this.stack(part);
      const { StackResources = [] } = await this.#cloudFormation.send(
        new DescribeStackResourcesCommand({ StackName }),
      );
      for (const { ResourceType = '', LogicalResourceId, PhysicalResourceId = '' } of StackResources)
        if (LASTING.includes(ResourceType)) ids[`${StackName}/${LogicalResourceId}`] = PhysicalResourceId;
    }
    return ids;
  }

  /** What the operator does before the data stack may be deleted. */
  async endTerminationProtection(): Promise<void> {
    await this.#cloudFormation.send(
      new UpdateTerminationProtectionCommand({
        StackName: this.stack('Data'),
        EnableTerminationProtection: false,
      }),
    );
  }

  #sampleUrl(path: string): string {
    return this.#emulator.localUrl(this.output('Sample', 'ApiUrl')) + path;
  }

  #manage(path: string, body: object) {
    const url = `${this.#emulator.localUrl(this.output('Api', 'ManagementUrl'))}/v1/workspaces/${this.calls.workspace}/${path}`;
    return send(url, { credential: this.#managementKey, body });
  }
}
