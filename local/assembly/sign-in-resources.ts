import { type ReviewedTypes, TAGS } from './reviewed-type.ts';

const ISSUER = 'the development sign-in issuer, local/sign-in';
const NO_ACCOUNTS = 'The issuer asks nobody for a password, so there are no accounts.';
const NO_MAIL = 'No mail is sent.';

/** The types of a user pool, in whose place an issuer of this machine stands. */
export const SIGN_IN_TYPES: ReviewedTypes = {
  'AWS::Cognito::UserPool': {
    kind: 'replaced',
    by: ISSUER,
    honoured: ['LambdaConfig.PreTokenGeneration'],
    ignored: {
      UserPoolTags: TAGS.Tags,
      UserPoolName: 'Read by people only.',
      UserPoolTier: 'Only the price and what it offers depend on it.',
      DeletionProtection: 'Nobody has an account, so there is none to lose.',
      Policies: NO_ACCOUNTS,
      MfaConfiguration: NO_ACCOUNTS,
      EnabledMfas: NO_ACCOUNTS,
      AdminCreateUserConfig: NO_ACCOUNTS,
      AccountRecoverySetting: NO_ACCOUNTS,
      Schema: NO_ACCOUNTS,
      UserAttributeUpdateSettings: NO_ACCOUNTS,
      UsernameAttributes: 'An address or a user id names the person who signs in.',
      'UsernameConfiguration.CaseSensitive': 'Addresses are compared in lower case.',
      AutoVerifiedAttributes: 'Every address counts as verified.',
      EmailVerificationMessage: NO_MAIL,
      EmailVerificationSubject: NO_MAIL,
      SmsVerificationMessage: NO_MAIL,
      VerificationMessageTemplate: NO_MAIL,
      EmailConfiguration: NO_MAIL,
    },
  },
  'AWS::Cognito::UserPoolClient': {
    kind: 'replaced',
    by: ISSUER,
    honoured: [
      'UserPoolId',
      'ClientName',
      'GenerateSecret',
      'AllowedOAuthFlows',
      'AllowedOAuthScopes',
      'CallbackURLs',
      'LogoutURLs',
      'AccessTokenValidity',
      'IdTokenValidity',
      'RefreshTokenValidity',
      'TokenValidityUnits',
    ],
    ignored: {
      AllowedOAuthFlowsUserPoolClient: 'It says that the other OAuth properties count, as they do.',
      ExplicitAuthFlows: 'Cognito’s own API does not run here.',
      EnableTokenRevocation: 'Refresh tokens can always be revoked.',
      PreventUserExistenceErrors: NO_ACCOUNTS,
      SupportedIdentityProviders: 'The issuer believes what people say they are.',
    },
  },
  'AWS::Cognito::UserPoolDomain': { kind: 'inert', because: 'The issuer has pages of its own.' },
  'AWS::Cognito::ManagedLoginBranding': { kind: 'inert', because: 'The issuer has pages of its own.' },
};
