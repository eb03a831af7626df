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
