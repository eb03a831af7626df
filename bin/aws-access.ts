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
