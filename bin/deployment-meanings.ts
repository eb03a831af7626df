/** What each field of a deployment's file says. `[]` is each value of a list, `*` each member of an object whose names are free. */
export const DEPLOYMENT_MEANINGS: Readonly<Record<string, string>> = {
  $schema: 'Where editors find the rules of this file. It changes nothing.',
  profile:
    'The product: the name of a profile that comes with Keyward, or the path of a file, from the folder of this one.',
  name: "The middle of the stacks' names, for two deployments of one product in an account: `acme-eu` makes `Keyward-AcmeEu-Data`. Names that differ only in hyphens and capital letters are one deployment. Without it the profile's name.",
  stack_prefix:
    'Everything before `-Data`, `-Api`, `-Console` and `-Sample`, for stacks that were deployed under other names. Not beside `name`.',
  sample:
    'Whether a sample API of the product is deployed as well. Destroy its stack before you take the setting away: no deploy does it.',
  cache_seconds:
    'For how long API Gateway caches verdicts on calls of the sample. Without it no verdict is cached.',
  sign_in: 'Where people sign in. Without it at a Cognito user pool, with the defaults of its fields.',
  'sign_in.kind':
    '`cognito`: a user pool of this deployment. `oidc`: an issuer of your own, and Keyward makes no user pool.',
  'sign_in.accounts': 'For `cognito`: who makes accounts. `operator`: you; `anyone`: people their own.',
  'sign_in.mfa': 'For `cognito`: with `required`, nobody signs in without a second factor.',
  'sign_in.issuer': 'For `oidc`: `iss` of the tokens, to the letter, with its slash if it has one.',
  'sign_in.client': 'For `oidc`: the id of a client without a secret, for the code flow with PKCE.',
  'sign_in.audience':
    'For `oidc`: `aud` of the access tokens, the API that you registered at the issuer. It is not the client.',
  'sign_in.user_claim': 'For `oidc`: the claim that names the user.',
  'sign_in.client_claim': 'For `oidc`: the claim that names the client.',
  'sign_in.access_token':
    'For `oidc`: what tells access tokens from other tokens: the type `at+jwt`, the `audience` alone, or a claim and its value, such as `token_use=access`.',
  'sign_in.scopes': 'For `oidc`: the scopes that the console asks for.',
  'sign_in.parameters':
    'For `oidc`: further parameters of the requests for a sign-in and for tokens. Without it `resource`, with the audience.',
  console: 'About the page where people make, see and end their keys.',
  'console.deploy': 'Whether it is deployed. Without it, it is, unless `default_endpoint` is `closed`.',
  'console.url':
    "The address of the console where it has no domain of its own: CloudFront's, which the output `ConsoleUrl` tells. Without it and without `domain`, nobody can sign in to a deployed console.",
  'console.product_url':
    "The address of the product's API, which the console shows a first call of. Without it the sample's, if there is one.",
  'console.frame_origins': 'The origins whose pages may show the console in a frame. Without it none may.',
  'console.return_url': 'Where a page whose session has ended leads. Without it nowhere.',
  domain:
    "A domain of your own for the console and the management API behind it. Without it the domain is one of CloudFront's.",
  'domain.name': 'The domain, which you point to the output `DistributionDomain`.',
  'domain.certificate_arn': 'The ARN of its certificate in us-east-1.',
  allowed_origins:
    'The origins whose pages may call both APIs from a browser, the most important first. Without it only pages of the APIs’ own.',
  default_endpoint:
    '`closed`: the APIs answer only at custom domains of yours, behind a firewall for example.',
  keys_per_member: 'How many active keys of a workspace a member may have. Without it 500.',
  events: 'About the audit log.',
  'events.retention_days': 'How many days it keeps an event, or `forever`. Without it 400.',
  alarms: 'About the alarms.',
  'alarms.topic_arn':
    'The ARN of the SNS topic that they notify. Without it they are seen in CloudWatch only.',
  dashboard: 'Whether there is a dashboard. It costs 3 USD a month beyond the first three of an account.',
  log_retention_days: 'For how many days CloudWatch keeps the logs of functions and APIs. Without it 90.',
  kms_key_arn:
    'The ARN of a key of KMS that encrypts the tables. Its policy must leave to IAM who may use it. Whoever deletes the key ends every credential. Without it a key that AWS manages.',
  manage_account_log_role:
    'Whether Keyward sets the role by which API Gateway writes logs. `false`: the account has one that something else manages.',
};
