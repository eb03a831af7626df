import { expect } from '@jest/globals';
import fc from 'fast-check';
import {
  isActionPattern,
  isRoutePattern,
  matchesAction,
  policyPaths,
} from '../../core/access/action-pattern.ts';
import { isSlug, normalizeEmailAddress } from '../../core/access/identity.ts';
import { ROLES } from '../../core/access/role.ts';
import { MANAGEMENT_KEY } from '../../core/credential/credential-type.ts';
import { isIdentifier } from '../../core/credential/identifier.ts';
import { checksum, hasFormat } from '../../core/credential/key-text.ts';
import { readMcpMessage } from '../../core/mcp/message.ts';
import { InvalidProfile, parseProfile } from '../../core/profile/parse-profile.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { findHeaderMismatch, requirementByHeaders } from '../../core/verification/mcp-header.ts';
import { readCredential, readNamedWorkspace } from '../../core/verification/presentation.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { readDecision, readSignedInUser, writeDecision } from '../../lambdas/authorizer/principal-context.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { scaled } from '../campaigns/campaign.ts';
import { nearHeaders, nearMessages } from '../core/mcp/near-messages.ts';
import { anyText } from '../core/text/any-text.ts';
import { anyHeaders, nearKeys, nearProfiles } from './near-inputs.ts';
import { runs, tallied } from './tally.ts';

const RUNS = runs(scaled({ few: 100, part: 300, whole: 12_000 }));
const tally = tallied('Whatever is sent to a parser is read or refused, and never crashes it');

const PROFILES = ['standard', 'supersonic', 'socialcrm', 'sophic', 'supertone'].map(
  (name) => loadProfile(name).profile,
);
const FORMATS = [MANAGEMENT_KEY, ...PROFILES.flatMap(credentialTypesOf)].map(({ format }) => format);

/** A property over inputs that are counted. */
const holds = <Input>(inputs: fc.Arbitrary<Input>, property: (input: Input) => void) =>
  fc.assert(
    fc.property(inputs, (input) => {
      tally.count('inputs');
      property(input);
    }),
    RUNS,
  );

tally.test('keys: a text has the shape exactly where prefix, alphabet, length and checksum say so', () => {
  holds(
    fc.tuple(fc.constantFrom(...FORMATS), fc.oneof(anyText({ maxLength: 80 }), nearKeys(FORMATS))),
    ([format, text]) => {
      const { prefix, randomLength, hasChecksum } = format;
      const body = randomLength + (hasChecksum ? 6 : 0);
      const hasShape =
        text.startsWith(prefix) && new RegExp(`^[0-9A-Za-z]{${body}}$`).test(text.slice(prefix.length));
      const isRight = !hasChecksum || checksum(text.slice(0, -6)) === text.slice(-6);
      // A line break at the end is not looked over, as `$` may do.
      if (hasFormat(format, text) !== (hasShape && isRight && !text.endsWith('\n')))
        throw new Error(`${JSON.stringify(text)} as ${prefix}`);
    },
  );
});

tally.test('headers: a credential is taken where there is one, in its place, and nowhere else', () => {
  holds(fc.tuple(fc.constantFrom(...PROFILES), anyHeaders), ([profile, headers]) => {
    const { presentation } = profile;
    const name = presentation.kind === 'bearer' ? 'authorization' : presentation.header;
    const values = Object.entries(headers).flatMap(([each, list]) =>
      each.toLowerCase() === name ? (list ?? []) : [],
    );
    const presented = readCredential(presentation, headers);
    const [value = ''] = values;
    const text = presentation.kind === 'bearer' ? /^bearer +([\w.~+/-]+=*)$/i.exec(value)?.[1] : value;
    const isOne = values.length === 1 && text !== undefined && text !== '';
    expect(presented.kind === 'presented' ? presented.text : undefined).toBe(isOne ? text : undefined);
    const named = readNamedWorkspace(profile, headers);
    if (named !== undefined) expect(typeof named).toBe('string');
    expect(requirementByHeaders(profile, headers)).toBeDefined();
  });
});

const texts = fc.oneof(
  anyText(),
  fc.json(),
  nearMessages.map((value) => JSON.stringify(value)),
  nearMessages.map((value) => `[${JSON.stringify(value)}]`),
  fc.tuple(nearMessages, fc.nat(300)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
);

tally.test(
  'JSON-RPC: a body is a message or is refused, and its id is repeated as it came or not at all',
  () => {
    holds(fc.tuple(texts, nearHeaders), ([text, headers]) => {
      const read = readMcpMessage(text);
      if (read.kind !== 'unreadable') {
        expect(read.message.id).toEqual(JSON.parse(text).id);
        expect(['string', 'undefined']).toContain(typeof findHeaderMismatch(read.message, headers));
        return;
      }
      expect(read.reason).toMatch(/^[A-Za-z].*\.$/);
      if (read.id !== null) expect(read.id).toBe(JSON.parse(text).id);
    });
  },
);

tally.test('profiles: data is a profile, or is refused with a sentence that names what is wrong', () => {
  holds(nearProfiles(PROFILES.map(({ name }) => name)), (data) => {
    try {
      expect(parseProfile(data).realm).toMatch(/^[A-Za-z0-9 ._-]+$/);
      tally.count('profiles that were taken');
    } catch (error) {
      if (!(error instanceof InvalidProfile)) throw error;
      expect(error.message).toMatch(/^The .+\.$/s);
    }
  });
});

const segments = fc.constantFrom(
  'users',
  '*',
  '**',
  '{id}',
  '{proxy+}',
  '',
  'a.b',
  '%2f',
  '..',
  'ü',
  '$',
  ' ',
);
const routes = fc
  .tuple(fc.constantFrom('GET', '*', 'get', '', 'DELETE'), fc.array(segments, { maxLength: 4 }))
  .map(([method, path]) => `${method} /${path.join('/')}`);
const tools = fc
  .array(fc.constantFrom('records', '*', '**', 'list', '', 'a-b', 'constructor'), { maxLength: 4 })
  .map((parts) => parts.join('.'));
const actions = fc.oneof(routes, tools, anyText({ maxLength: 40 }));

tally.test(
  'actions: every pattern grants itself and writes a policy of its own stage, and any other text grants nothing more',
  () => {
    holds(fc.tuple(actions, actions, fc.constantFrom(...PROFILES)), ([pattern, action, profile]) => {
      const isMatch = matchesAction(pattern, action);
      if (isActionPattern(pattern)) expect(matchesAction(pattern, pattern)).toBe(true);
      if (isMatch && pattern !== action && isActionPattern(pattern)) {
        expect(pattern).toContain('*');
        if (isActionPattern(action)) expect(isRoutePattern(pattern)).toBe(isRoutePattern(action));
      }
      expect(requirementFor(profile, action)).toBeDefined();
      if (isRoutePattern(pattern))
        for (const path of policyPaths(pattern)) expect(path).toMatch(/^[A-Z]+\/[^\s{}]*$/);
    });
  },
);

tally.test('contexts: what an authorizer wrote is read as it was, and anything else is nobody', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9:._-]{0,20}$/);
  const rate = fc.record({
    limit: fc.nat(),
    windowSeconds: fc.nat(),
    remaining: fc.nat(),
    resetSeconds: fc.nat(),
  });
  const principal = fc.record({
    kind: fc.constantFrom('api_key' as const, 'personal_access_token' as const, 'management_key' as const),
    credentialId: word,
    workspace: fc.option(word),
    user: fc.option(anyText({ minLength: 1, maxLength: 30 })),
    role: fc.option(fc.constantFrom(...ROLES)),
    scopes: fc.oneof(
      fc.constant('all' as const),
      fc.array(word, { minLength: 1 }).map((list) => list as [string, ...string[]]),
    ),
    constraints: fc.record({
      expiresAt: fc.option(fc.integer({ min: 1 })),
      allowedCidrs: fc.array(fc.constantFrom('10.0.0.0/8', '2001:db8::/32')),
    }),
  });
  holds(fc.tuple(principal, rate), ([who, limits]) => {
    const decision = { kind: 'allow', principal: who, rate: limits } as const;
    expect(readDecision(writeDecision(decision))).toEqual(decision);
    expect(readSignedInUser(writeDecision(decision))).toBeUndefined();
  });
  const names = [
    'decision',
    'kind',
    'credentialId',
    'scopes',
    'expiresAt',
    'allowedCidrs',
    'role',
    'rateLimit',
    'user',
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('allow', 'rate_limited', 'signed_in', 'api_key', 'person', '*', ''),
  );
  const context = fc.oneof(
    fc.constant(null),
    fc.constant(undefined),
    fc.dictionary(fc.constantFrom(...names), value),
  );
  holds(context, (given) => {
    const decision = readDecision(given);
    if (decision !== undefined)
      expect(['api_key', 'personal_access_token', 'management_key']).toContain(decision.principal.kind);
    const user = readSignedInUser(given);
    if (user !== undefined) expect(given?.decision).toBe('signed_in');
  });
});

tally.test('addresses, slugs and ids: a text is one only in its one form', () => {
  const near = fc.constantFrom(
    'a@b.co',
    'A@B.CO',
    'a@b',
    '@',
    'a@b..co',
    'key_00000000000000000000',
    'acme',
    '-acme',
    'ACME',
    'a'.repeat(41),
  );
  const twisted = fc
    .tuple(near, anyText({ maxLength: 3 }), fc.nat(30))
    .map(([text, odd, at]) => text.slice(0, at) + odd + text.slice(at));
  holds(fc.oneof(anyText({ maxLength: 300 }), near, twisted), (text) => {
    const address = normalizeEmailAddress(text);
    if (address !== undefined) {
      expect(address).toMatch(/^[\x21-\x7e]{3,254}$/);
      expect(normalizeEmailAddress(address)).toBe(address);
      expect(address).toBe(address.toLowerCase());
    }
    if (isSlug(text)) expect(text).toMatch(/^[a-z0-9-]{1,40}$/);
    if (isIdentifier('key', text)) expect(text).toMatch(/^key_[0-9A-Za-z]{20}$/);
    if (isSlug(text) || isIdentifier('key', text)) expect(text).not.toMatch(/[#\n]/);
  });
});
