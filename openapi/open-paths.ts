import { SIGN_IN_PATH } from '../core/management/sign-in.ts';

/** Where every deployment serves its own description. */
export const DESCRIPTION_PATH = '/openapi.json';

/**
 * What everybody may read without a credential. It stands in no table of routes, since nobody has to be authorized.
 * @param errors the errors of every call.
 */
export function openPathsOf<Errors extends object>(errors: Errors) {
  return {
    [DESCRIPTION_PATH]: {
      get: {
        operationId: 'describeApi',
        tags: ['caller'],
        summary: 'Describe this API',
        description: 'Everybody may read it: the call needs no credential.',
        security: [],
        parameters: [
          {
            name: 'If-None-Match',
            in: 'header',
            required: false,
            description: 'The `ETag` of the description that the caller has already.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          200: {
            description: 'The description, as OpenAPI 3.1.',
            headers: { ETag: { description: 'Changes with the description.', schema: { type: 'string' } } },
            content: { 'application/json': { schema: { type: 'object' } } },
          },
          304: { description: 'The caller has this description already.' },
          ...errors,
        },
      },
    },
    [SIGN_IN_PATH]: {
      get: {
        operationId: 'describeSignIn',
        tags: ['caller'],
        summary: 'Say where people sign in',
        description: 'Everybody may read it: the call needs no credential.',
        security: [],
        responses: {
          200: {
            description: 'Where a console or a command line sends a person, with the code flow and PKCE.',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: {
                    issuer: {
                      type: 'string',
                      description:
                        'The issuer of access tokens. `/.well-known/openid-configuration` below it names its pages.',
                    },
                    client_id: { type: 'string', description: 'The client to sign in as. It has no secret.' },
                    scopes: {
                      type: 'array',
                      items: { type: 'string' },
                      description: 'The scopes to ask for.',
                    },
                    parameters: {
                      type: 'object',
                      additionalProperties: { type: 'string' },
                      description: 'To be sent along in requests for a sign-in and for tokens.',
                    },
                  },
                  required: ['issuer', 'client_id', 'scopes', 'parameters'],
                  additionalProperties: false,
                },
              },
            },
          },
          ...errors,
        },
      },
    },
  };
}
