/**
 * The bundler replaces the SDK's chain of credential providers with this. A Lambda function has its credentials in its
 * environment. The other providers are a third of the client.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
