/**
 * What the bundler puts in place of the AWS SDK's chain of credential providers. A Lambda function has its credentials in
 * its environment and nowhere else, and the providers that look elsewhere are a third of the client.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
