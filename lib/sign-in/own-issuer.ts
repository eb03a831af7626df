import * as v from 'valibot';
import { parseAccessTokenMark } from '../../core/management/sign-in.ts';
import { readIssues } from '../../core/text/field-mistakes.ts';
import { requestEnvironment, type SignInRequest, type SignInSource } from './sign-in-source.ts';

const ISSUER =
  'the issuer as its tokens name it, such as https://login.example.com/, or http://127.0.0.1:PORT for a try';
const CLIENT = 'the id of a client without a secret';
const AUDIENCE = 'the aud of the access tokens, which is not the client';
const CLAIM = 'the name of a claim';
const MARK = 'at+jwt, audience, or a claim and its value, such as token_use=access';

const claim = v.pipe(v.string(CLAIM), v.regex(/^[\x21-\x7e]{1,200}$/, CLAIM));
const identifier = (expected: string) =>
  v.pipe(v.string(expected), v.regex(/^[\x21-\x7e]{1,500}$/, expected));

/** What a setting says about the issuer. */
export const ownIssuerFields = {
  issuer: v.pipe(
    v.string(ISSUER),
    v.regex(/^(https:\/\/[^\s?#"'<>\\;,]+|http:\/\/127\.0\.0\.1:\d+\/?)$/, ISSUER),
  ),
  client: identifier(CLIENT),
  audience: identifier(AUDIENCE),
  user_claim: v.optional(claim, 'sub'),
  client_claim: v.optional(claim, 'client_id'),
  access_token: v.optional(
    v.pipe(
      v.string(MARK),
      v.check((text) => parseAccessTokenMark(text) !== undefined, MARK),
    ),
    'at+jwt',
  ),
  scopes: v.optional(v.array(identifier('a list of scopes'), 'a list of scopes'), ['openid']),
  parameters: v.exactOptional(v.record(v.string(), v.string('a text'), 'an object of texts')),
};

const ownIssuer = v.strictObject(ownIssuerFields);

/** How an issuer is named to {@link OwnIssuer}. */
export type OwnIssuerSetting = v.InferInput<typeof ownIssuer>;

/**
 * An issuer of the customer's own: Keyward makes no user pool, and believes the access tokens that this issuer makes for one
 * client and one audience.
 * @see docs/decisions/0042-issuer-of-your-own.md
 */
export class OwnIssuer implements SignInSource {
  readonly issuerUrl: string;
  readonly clientId: string;
  /** An access token holds no address that Keyward could believe. */
  readonly acceptsInvitations = false;
  readonly request: SignInRequest;
  readonly #setting: v.InferOutput<typeof ownIssuer>;

  /** @throws {Error} with a sentence for a setting that is not valid. */
  constructor(setting: OwnIssuerSetting) {
    this.#setting = parseSetting(setting);
    const { issuer, client, audience, scopes, parameters } = this.#setting;
    this.issuerUrl = issuer;
    this.clientId = client;
    this.request = { scopes, parameters: parameters ?? { resource: audience } };
  }

  get calledUrls(): readonly string[] {
    return [new URL(this.issuerUrl).origin];
  }

  get environment(): Record<string, string> {
    return {
      KEYWARD_ISSUER: this.issuerUrl,
      KEYWARD_CLIENT_ID: this.clientId,
      KEYWARD_TOKEN_AUDIENCE: this.#setting.audience,
      KEYWARD_USER_CLAIM: this.#setting.user_claim,
      KEYWARD_CLIENT_CLAIM: this.#setting.client_claim,
      KEYWARD_ACCESS_TOKEN_MARK: this.#setting.access_token,
      ...requestEnvironment(this.request),
    };
  }
}

function parseSetting(setting: OwnIssuerSetting): v.InferOutput<typeof ownIssuer> {
  const parsed = v.safeParse(ownIssuer, setting);
  const sentence = parsed.success
    ? findIssuerDisagreement(parsed.output)
    : readIssues(parsed.issues, { schema: ownIssuer, subject: 'issuer' })[0]?.sentence;
  if (!parsed.success || sentence !== undefined) throw new Error(sentence);
  return parsed.output;
}

/**
 * The id token of a sign-in names the client as its audience. It must never do as an access token.
 * @returns a sentence where a setting would allow that.
 */
export function findIssuerDisagreement({ audience, client }: OwnIssuerSetting): string | undefined {
  return audience === client ? `The issuer's audience must be ${AUDIENCE}.` : undefined;
}
