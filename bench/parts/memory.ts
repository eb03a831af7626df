import { hash, randomBytes } from 'node:crypto';
import { generateKey } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import type { StoredSecret } from '../../core/verification/verification-store.ts';
import { type Verification, verify } from '../../core/verification/verify.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { barOf, type Figure, figureOf, type PartResult, peersAhead } from '../figure.ts';
import { mapVerificationStore } from '../map-verification-store.ts';
import { loadBetterAuth, loadPrefixedApiKey, type Peer } from '../peer.ts';
import { type Contender, race } from '../race.ts';
import type { Scale } from '../scale.ts';
import { medianRatio } from '../statistics.ts';

const NOW = 1_800_000_000;
const FLOOR = 'floor: crypto.hash and Map.get';
const BASE64URL_FLOOR = "floor, with Keyward's digests";
const KEYWARD = 'Keyward';

/** Verification without a store's latency: the cost of the decision itself. */
export async function measureMemory(scale: Scale): Promise<PartResult> {
  const { profile } = loadProfile('standard');
  const keys = Array.from({ length: scale.memoryKeys }, () =>
    Buffer.from(generateKey(profile.apiKey.format, randomBytes)).toString(),
  );
  const secrets = keys.map((_, index) => secretOf(index));
  const located = new Map(keys.map((key, index) => [digestOf(key), secrets[index] as StoredSecret]));
  const verification: Verification = {
    credentials: [profile.apiKey],
    store: mapVerificationStore(located),
    tracking: 'stamp',
  };
  const claim: Claim = {
    now: NOW,
    requirement: requirementFor(profile, 'GET /users'),
    sourceAddress: '203.0.113.7',
  };
  const peers = await loadPeers(scale);
  const prefixed = 'prefixed-api-key and a Map';
  const few = 'better-auth, 1 key';
  const many = `better-auth, ${scale.betterAuthKeys.toLocaleString('en-US')} keys`;
  const rates = await race(
    [
      floor(FLOOR, 'hex', keys),
      floor(BASE64URL_FLOOR, 'base64url', keys),
      keywardContender(keys, verification, claim),
      peerContender(prefixed, peers.prefixed),
      peerContender(few, peers.one),
      peerContender(many, peers.many),
    ],
    scale.memoryRounds,
  );
  const base = { name: FLOOR, rounds: rates.get(FLOOR) ?? [] };
  const figures = [...rates].map(([name, rounds]) =>
    figureOf({ name, unit: 'per second', rounds, base, of: belonging(name) }),
  );
  const keyward = rates.get(KEYWARD) ?? [];
  const toFloor = medianRatio(keyward, base.rounds);
  return {
    part: 'memory',
    title: 'Verifications in memory, one at a time',
    setting: [
      `${scale.memoryKeys.toLocaleString('en-US')} distinct keys stand in a Map, behind the port through which verification reads. Neither verdicts nor keys are cached.`,
      'Keyward checks shape and checksum, hashes with SHA-256, looks the key up, and checks state, expiry, network and the scope for GET /users. The floor only hashes the same keys (in hexadecimal, the default) and looks them up. It decides nothing.',
      'better-auth runs without rate limiting (its default allows ten requests a day) on its in-memory adapter, which looks at every row. It notes every use.',
    ],
    figures,
    bars: [
      barOf({
        promise: 'at least 45 % of the floor',
        ratio: toFloor,
        limit: { atLeast: 0.45 },
        of: 'the floor',
      }),
      barOf({
        promise: `at least 1.5 × ${prefixed}`,
        ratio: medianRatio(keyward, rates.get(prefixed) ?? []),
        limit: { atLeast: 1.5 },
        of: prefixed,
      }),
      ...[few, many].map((peer) => {
        const ratio = medianRatio(keyward, rates.get(peer) ?? []);
        return barOf({ promise: `at least 100 × ${peer}`, ratio, limit: { atLeast: 100 }, of: peer });
      }),
    ],
    notes: figures.filter(({ name }) => name === KEYWARD).flatMap((figure) => peersAhead(figures, figure)),
    notMeasured: [],
  };
}

async function loadPeers({ memoryKeys, betterAuthKeys }: Scale) {
  const { betterAuthInMemory } = await loadBetterAuth();
  const { prefixedApiKey } = await loadPrefixedApiKey();
  return {
    prefixed: await prefixedApiKey(memoryKeys),
    one: await betterAuthInMemory(1),
    many: await betterAuthInMemory(betterAuthKeys),
  };
}

function belonging(name: string): Figure['of'] {
  if (name === KEYWARD) return 'keyward';
  return name === FLOOR || name === BASE64URL_FLOOR ? 'baseline' : 'peer';
}

/** As the store's parser makes them: it shares values that most keys have in common. */
const UNBOUND = Object.freeze({ expiresAt: null, allowedCidrs: Object.freeze([]) });
const READ_SCOPES = Object.freeze(['read:all'] as const);

function secretOf(index: number): StoredSecret {
  return {
    principal: {
      kind: 'api_key',
      credentialId: `key_${index}`,
      workspace: 'acme',
      user: 'usr_1',
      role: null,
      scopes: READ_SCOPES,
      constraints: UNBOUND,
    },
    state: 'active',
    expiresAt: null,
    rateLimit: null,
    window: null,
    // Used a moment ago. Keyward stamps the time of use once a minute, so most calls of a busy key do not stamp it.
    lastUsedAt: NOW,
  };
}

function floor(name: string, encoding: 'hex' | 'base64url', keys: readonly string[]): Contender {
  const known = new Map(keys.map((key, index) => [hash('sha256', key, encoding), index]));
  let next = 0;
  return {
    name,
    run(operations) {
      for (let count = 0; count < operations; count += 1) {
        if (known.get(hash('sha256', keys[next] as string, encoding)) === undefined)
          throw new Error('A key was lost.');
        next = next + 1 === keys.length ? 0 : next + 1;
      }
    },
  };
}

function keywardContender(keys: readonly string[], verification: Verification, claim: Claim): Contender {
  let next = 0;
  return {
    name: KEYWARD,
    async run(operations) {
      for (let count = 0; count < operations; count += 1) {
        const verdict = await verify(verification, keys[next] as string, claim);
        if (verdict.kind !== 'allow') throw new Error(`A valid key was refused: ${verdict.code}.`);
        next = next + 1 === keys.length ? 0 : next + 1;
      }
    },
  };
}

function peerContender(name: string, { keys, isValid }: Peer): Contender {
  let next = 0;
  return {
    name,
    async run(operations) {
      for (let count = 0; count < operations; count += 1) {
        if (!(await isValid(keys[next] as string))) throw new Error(`${name} has refused a key of its own.`);
        next = next + 1 === keys.length ? 0 : next + 1;
      }
    },
  };
}
