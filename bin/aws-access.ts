import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { defaultProvider } from '@aws-sdk/credential-provider-node';

/**
 * How a client of the command line reaches AWS: with the credentials and through the proxy that the environment names
 * (HTTPS_PROXY, HTTP_PROXY, NO_PROXY). The SDK's own agents know no proxy, not even where the SDK asks for credentials.
 * @throws {Error} for a proxy that cannot be used. The client must not go around it.
 */
export function awsAccess(environment: NodeJS.ProcessEnv = process.env) {
  assertProxiesAreUsable(environment);
  const agent = { keepAlive: true, proxyEnv: environment };
  const requestHandler = {
    // The way through a proxy takes longer, and no call of a customer waits for a command.
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
  };
  return { requestHandler, credentials: defaultProvider({ clientConfig: { requestHandler } }) };
}

function assertProxiesAreUsable(environment: NodeJS.ProcessEnv): void {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']) {
    const value = environment[name] ?? '';
    if (value === '') continue;
    if (!/^https?:\/\//i.test(value) || !URL.canParse(value))
      throw new Error(`${name} must be an address such as http://proxy.example.com:3128.`);
    // Older versions have no agents that know proxies, and ignore the option.
    if (!process.allowedNodeEnvironmentFlags.has('--use-env-proxy'))
      throw new Error(`${name} needs Node 24.5 or newer, and this is Node ${process.versions.node}.`);
  }
}

/** A sentence for the operator: what to do about an error, or the SDK's own words where they say it. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Something went wrong.';
  const { message } = error;
  const code = 'code' in error ? String(error.code) : '';
  if (message === 'Region is missing')
    return 'No AWS Region is set: name one in the variable AWS_REGION, such as AWS_REGION=eu-central-1, or in the profile of your AWS configuration.';
  if (message === 'Could not load credentials from any providers')
    return `No AWS credentials were found${profileText()}: name a profile in the variable AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`;
  if (NOT_REACHED.includes(code))
    return `AWS was not reached (${message || code}): look at AWS_REGION, at the network and at HTTPS_PROXY.`;
  const { httpStatusCode } = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  if (/^Unknown(Error)?$/.test(message) && httpStatusCode !== undefined)
    return `AWS, or what stands before it, answered ${httpStatusCode} and said nothing more.`;
  return message || 'Something went wrong.';
}

const NOT_REACHED = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT'];

function profileText(): string {
  const { AWS_PROFILE } = process.env;
  return AWS_PROFILE ? ` under the profile ${AWS_PROFILE}` : '';
}
