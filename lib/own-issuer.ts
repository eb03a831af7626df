import * as v from 'valibot';
import { parseAccessTokenMark } from '../core/management/sign-in.ts';
import type { Setting } from './setting-value.ts';
import { requestEnvironment, type SignInRequest, type SignInSource } from './sign-in-source.ts';

const ISSUER =
  'the issuer as its tokens name it, such as https://login.example.com/, or http://127.0.0.1:PORT for a try';
const CLIENT = 'the id of a client without a secret';
const AUDIENCE = 'the aud of the access tokens, which is not the client';
const CLAIM = 'the name of a claim';
const MARK = 'at+jwt, audience, or a claim and its value, such as token_use=access';

/** Of the fields that may not be left out. */
const REQUIRED: Readonly<Record<string, string>> = { issuer: ISSUER, client: CLIENT, audience: AUDIENCE };

const claim = v.pipe(v.string(CLAIM), v.regex(/^[\x21-\x7e]{1,200}$/, CLAIM));
const identifier = (expected: string) =>
  v.pipe(v.string(expected), v.regex(/^[\x21-\x7e]{1,500}$/, expected));

const ownIssuer = v.strictObject({
  issuer: v.pipe(
    v.string(ISSUER),
    v.regex(/^(https:\/\/[^\s?#"'<>\\;,]+|http:\/\/127\.0\.0\.1:\d+\/?)$/, ISSUER),
  ),
  client: identifier(CLIENT),
  audience: identifier(AUDIENCE),
  'user-claim': v.optional(claim, 'sub'),
  'client-claim': v.optional(claim, 'client_id'),
  'access-token': v.optional(
    v.pipe(
      v.string(MARK),
      v.check((text) => parseAccessTokenMark(text) !== undefined, MARK),
    ),
    'at+jwt',
  ),
  scopes: v.optional(v.array(identifier('a list of scopes'), 'a list of scopes'), ['openid']),
  parameters: v.optional(v.record(v.string(), v.string('a text'), 'an object of texts')),
});

type OwnIssuerSetting = v.InferOutput<typeof ownIssuer>;

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
  readonly #setting: OwnIssuerSetting;

  /** @throws {Error} with a sentence for a setting that is not valid. */
  constructor(setting: unknown) {
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
      KEYWARD_USER_CLAIM: this.#setting['user-claim'],
      KEYWARD_CLIENT_CLAIM: this.#setting['client-claim'],
      KEYWARD_ACCESS_TOKEN_MARK: this.#setting['access-token'],
      ...requestEnvironment(this.request),
    };
  }
}

function parseSetting(setting: unknown): OwnIssuerSetting {
  const parsed = v.safeParse(ownIssuer, setting);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    if (path === null) throw new Error('The context value sign-in must be an object.');
    const known = Object.keys(ownIssuer.entries);
    if (issue.type === 'strict_object' && !known.includes(path))
      throw new Error(`The context value sign-in has no field ${path}: there are ${known.join(', ')}.`);
    const expected = issue.type === 'strict_object' ? REQUIRED[path] : issue.message;
    throw new Error(`The context value sign-in must have as ${path} ${expected}.`);
  }
  // The id token of a sign-in names the client as its audience. It must never do as an access token.
  if (parsed.output.audience === parsed.output.client)
    throw new Error(`The context value sign-in must have as audience ${AUDIENCE}.`);
  return parsed.output;
}

/** As one setting of a deployment. */
export const OWN_ISSUER: Setting<OwnIssuer> = {
  read: (value) => new OwnIssuer(typeof value === 'string' ? readJson(value) : value),
  expected: 'an object that names an issuer',
};

/** `cdk -c` passes values as texts. A text that is no JSON is no object either. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
