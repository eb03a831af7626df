import { constants, createHmac, sign } from 'node:crypto';
import {
  encodePart,
  hmacToken,
  type SigningKey,
  signedToken,
  unsignedToken,
} from '../lambdas/authorizer/signed-tokens.ts';

export const ISSUER = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example';
export const CLIENT = 'keyward-console';

/** What an attacker has: a key pair under the name of the issuer's own, one under another, and a server that offers both. */
export interface Forge {
  readonly key: SigningKey;
  readonly sameName: SigningKey;
  readonly otherName: SigningKey;
  readonly jwksUri: string;
}

const now = () => Math.floor(Date.now() / 1000);

/** What the issuer says about somebody who has signed in. */
export const claimsOf = (over: object = {}) => ({
  iss: ISSUER,
  sub: 'user-1',
  client_id: CLIENT,
  token_use: 'access',
  scope: 'openid email',
  iat: now() - 60,
  exp: now() + 600,
  username: 'user-1',
  ...over,
});

type Forgery = readonly [what: string, token: (forge: Forge) => string];

const by =
  (over: object, header: object = {}) =>
  ({ key }: Forge) =>
    signedToken(claimsOf(over), key, header);

/** Signed by another algorithm than the issuer's, with its own key. */
function otherwise(alg: string, hash: string, padding: number): Forgery[1] {
  return ({ key }) => {
    const text = [{ alg, kid: key.kid }, claimsOf()].map(encodePart).join('.');
    const options = { key: key.privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return `${text}.${sign(hash, Buffer.from(text), options).toString('base64url')}`;
  };
}

/** What a verifier that trusts the header's algorithm would take for a shared secret. */
const hmacBy =
  (secretOf: (key: SigningKey) => string | Buffer): Forgery[1] =>
  ({ key }) => {
    const text = [{ alg: 'HS256', kid: key.kid }, claimsOf()].map(encodePart).join('.');
    return `${text}.${createHmac('sha256', secretOf(key)).update(text).digest('base64url')}`;
  };

const jwkOf = ({ publicKey, kid }: SigningKey) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg: 'RS256',
});

/** A right token with one of its three parts changed. */
const changed =
  (change: (parts: string[]) => string[]): Forgery[1] =>
  ({ key }) =>
    change(signedToken(claimsOf(), key).split('.')).join('.');

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;

/** Signed wrongly, or by somebody else. */
export const WRONG_SIGNATURES: readonly Forgery[] = [
  ['signed by another key of the same name', ({ sameName }) => signedToken(claimsOf(), sameName)],
  ['of a key that the issuer does not have', by({}, { kid: 'other' })],
  ['without a key’s name', by({}, { kid: undefined })],
  ['not signed at all', ({ key }) => unsignedToken(claimsOf(), key.kid)],
  ['of the algorithm none', ({ key }) => unsignedToken(claimsOf(), key.kid, 'AAAA')],
  ...['NONE', 'None', 'nOnE', 'rs256', 'RS256 ', '', 'HS256', 'ES256', 'EdDSA', 'PS256'].map(
    (alg): Forgery => [`of the algorithm ${JSON.stringify(alg)}`, by({}, { alg })],
  ),
  ...[undefined, null, 7, ['RS256'], {}].map(
    (alg): Forgery => [`of the algorithm ${JSON.stringify(alg)}, which is no name`, by({}, { alg })],
  ),
  ['RS384 by the right key', otherwise('RS384', 'sha384', RSA_PKCS1_PADDING)],
  ['RS512 by the right key', otherwise('RS512', 'sha512', RSA_PKCS1_PADDING)],
  ['PS256 by the right key', otherwise('PS256', 'sha256', RSA_PKCS1_PSS_PADDING)],
  ['said to be RS256 and signed as PS256', otherwise('RS256', 'sha256', RSA_PKCS1_PSS_PADDING)],
  ['said to be PS256 and signed as RS256', otherwise('PS256', 'sha256', RSA_PKCS1_PADDING)],
  ['signed with the public key as a shared secret', ({ key }) => hmacToken(claimsOf(), key)],
  [
    'signed with it as PKCS #1',
    hmacBy(({ publicKey }) => publicKey.export({ type: 'pkcs1', format: 'pem' })),
  ],
  ['signed with it as DER', hmacBy(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }))],
  ['signed with its modulus', hmacBy(({ publicKey }) => publicKey.export({ format: 'jwk' }).n ?? '')],
  ['signed with it as a JWK', hmacBy((key) => JSON.stringify(jwkOf(key)))],
  ['signed with an empty secret', hmacBy(() => '')],
  ['whose signature is empty', changed(([header = '', payload = '']) => [header, payload, ''])],
  ['whose signature is zeros', changed(([header = '', payload = '']) => [header, payload, 'A'.repeat(342)])],
  [
    'whose signature is cut',
    changed(([header = '', payload = '', end = '']) => [header, payload, end.slice(4)]),
  ],
  [
    'whose signature is longer',
    changed(([header = '', payload = '', end = '']) => [header, payload, `${end}AA`]),
  ],
  [
    'tampered with',
    changed(([header = '', , end = '']) => [header, encodePart(claimsOf({ sub: 'user-2' })), end]),
  ],
  [
    'whose signature is another token’s',
    ({ key }) => {
      const [header = '', payload = ''] = signedToken(claimsOf({ sub: 'user-2' }), key).split('.');
      return [header, payload, signedToken(claimsOf(), key).split('.')[2]].join('.');
    },
  ],
];

/** Whose header says where to find a key, or asks for something else. */
export const WRONG_HEADERS: readonly Forgery[] = [
  [
    'whose key is said to be elsewhere (jku)',
    ({ otherName: key, jwksUri }) => signedToken(claimsOf(), key, { jku: jwksUri }),
  ],
  [
    'whose certificate is elsewhere (x5u)',
    ({ otherName: key, jwksUri }) => signedToken(claimsOf(), key, { x5u: jwksUri }),
  ],
  [
    'of our key’s name and a key elsewhere',
    ({ sameName: key, jwksUri }) => signedToken(claimsOf(), key, { jku: jwksUri }),
  ],
  ['that brings its key (jwk)', ({ otherName: key }) => signedToken(claimsOf(), key, { jwk: jwkOf(key) })],
  ['that brings a key of our name', ({ sameName: key }) => signedToken(claimsOf(), key, { jwk: jwkOf(key) })],
  [
    'whose issuer is the attacker’s server',
    ({ otherName: key, jwksUri }) => signedToken(claimsOf({ iss: new URL(jwksUri).origin }), key),
  ],
  ...[
    '../../../etc/passwd',
    "' OR 1=1 --",
    'https://attacker.example/jwks',
    '__proto__',
    'k'.repeat(9_000),
    '',
  ].map(
    (kid): Forgery => [
      `of the key ${kid.slice(0, 30)}`,
      ({ otherName }) => signedToken(claimsOf(), otherName, { kid }),
    ],
  ),
  ...[null, 7, ['current'], { kid: 'current' }].map(
    (kid): Forgery => [`of the key ${JSON.stringify(kid)}, which is no name`, by({}, { kid })],
  ),
  ['that asks for what is not understood (crit)', by({}, { crit: ['exp'], exp: 1 })],
  ['that asks for an unencoded payload (b64)', by({}, { crit: ['b64'], b64: false })],
];

/** Signed by the issuer, for something else. */
export const WRONG_CLAIMS: readonly Forgery[] = [
  ['of another issuer', by({ iss: `${ISSUER}2` })],
  ['of an issuer with a slash more', by({ iss: `${ISSUER}/` })],
  ['of an issuer in capitals', by({ iss: ISSUER.toUpperCase() })],
  ['of no issuer', by({ iss: undefined })],
  ['of several issuers', by({ iss: [ISSUER] })],
  ['of another client', by({ client_id: 'another' })],
  ['of no client', by({ client_id: undefined })],
  ['of several clients', by({ client_id: [CLIENT] })],
  ['whose audience is our client', by({ client_id: undefined, aud: CLIENT })],
  ['an id token', by({ token_use: 'id', aud: CLIENT, client_id: undefined })],
  ['an id token that names the client', by({ token_use: 'id' })],
  ['of no use', by({ token_use: undefined })],
  ['of several uses', by({ token_use: ['access'] })],
  ['expired', by({ exp: now() - 2 })],
  ['expired at this moment', by({ exp: now() - 1 })],
  ['without an end', by({ exp: undefined })],
  ['of an end that is no number', by({ exp: '9999999999' })],
  ['that ended before time began', by({ exp: -1 })],
  ['not valid yet', by({ nbf: now() + 600 })],
  ['valid from a text on', by({ nbf: 'now' })],
  ['of nobody', by({ sub: undefined })],
  ['of an empty name', by({ sub: '' })],
  ['of a name too long to store', by({ sub: 'ü'.repeat(128) })],
  ['of a name that is no text', by({ sub: 7 })],
  ['of a name that steers a terminal', by({ sub: 'user\u001b[2J' })],
  ['of a name with a line break', by({ sub: 'user-1\nuser-2' })],
  ['of a name that is no text in Unicode', by({ sub: '\ud800' })],
];

/** Whose three parts are no token. */
export const WRONG_SHAPES: readonly Forgery[] = [
  ...['null', '[]', '7', '"text"', '{', '', '{"alg":"RS256"', '\u0000'].flatMap((value): Forgery[] =>
    [0, 1].map((place) => [
      `with ${JSON.stringify(value)} in part ${place}`,
      changed((parts) =>
        parts.map((part, at) => (at === place ? Buffer.from(value).toString('base64url') : part)),
      ),
    ]),
  ),
  ['of two empty parts more', () => '..'],
  ['of 100 kB of nothing', () => `${'A'.repeat(50_000)}.${'A'.repeat(50_000)}.A`],
  ['of a hundred parts', ({ key }) => `${signedToken(claimsOf(), key)}${'.A'.repeat(97)}`],
  ['with a part more', ({ key }) => `${signedToken(claimsOf(), key)}.`],
  ['with padding', ({ key }) => `${signedToken(claimsOf(), key)}==`],
  ['with padding within', changed(([header = '', ...rest]) => [`${header}=`, ...rest])],
];
