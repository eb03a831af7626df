import { ADMINISTER } from '../../core/access/action-pattern.ts';
import type { Principal } from '../../core/access/principal.ts';
import { effectiveLimit, isWithinLimit, type RateLimit } from '../../core/access/rate-limit.ts';
import { ROLES, type Role } from '../../core/access/role.ts';
import type { ApiKey } from '../../core/credential/credential.ts';
import { type Creator, limitForIssuedKeys, principalOfMember } from '../../core/management/caller.ts';
import { type KeyRights, mayIssue, mayRotate, mayUpdate } from '../../core/management/permission.ts';
import { type Member, planLimitOf } from '../../core/management/workspace-store.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { type ActionRequirement, judge } from '../../core/verification/verdict.ts';
import type { StoredSecret } from '../../core/verification/verification-store.ts';
import { NOW } from '../core/verification/stored-secrets.ts';

/** Whom the attacker may act as: somebody who has signed in, or a key that they hold the secret of. */
export type Hand = { readonly user: string } | { readonly keyId: string };

/** What is asked for; limits are the operator's to set, and an issuer's to hand on. */
type AskedPower = Omit<KeyRights, 'rateLimit' | 'issuerLimit'>;

/** A power that differs from the attacker's first one in what it names. */
export type Deviation = { readonly [Field in keyof AskedPower]?: AskedPower[Field] | undefined };

/** What the attacker tries, by the places of the hand in its list and of the key in its own, the newest first. */
export type Attempt =
  | { readonly kind: 'issue'; readonly hand: number; readonly power: Deviation }
  | { readonly kind: 'update'; readonly hand: number; readonly key: number; readonly power: Deviation }
  | { readonly kind: 'rotate'; readonly hand: number; readonly key: number }
  /** What others do meanwhile: somebody is lowered or removed, and time passes. */
  | { readonly kind: 'lower'; readonly user: number; readonly to: Role | 'none' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** Where and when a credential is tried, which shows what its bounds are worth. */
export const ADDRESSES = ['10.0.0.1', '10.9.9.9', '192.0.2.7', '2001:db8::1', '2001:db9::1'];
export const MOMENTS = [NOW, NOW + 50, NOW + 500, NOW + 5_000, NOW + 500_000];

/** A key reaches beyond a limit that it is not held to. */
export const LIMITS: readonly RateLimit[] = [
  ...[
    { limit: 1, windowSeconds: 60 },
    { limit: 60, windowSeconds: 60 },
    { limit: 60, windowSeconds: 90 },
  ],
  ...[
    { limit: 5, windowSeconds: 10 },
    { limit: 1_000, windowSeconds: 3_600 },
    { limit: 9_000, windowSeconds: 60 },
  ],
];

/** One workspace with its members and keys, and an attacker who does whatever the rules let them. */
export class PowerWorld {
  readonly profile: Profile;
  /** One action for each way in which the profile grants any, with what it requires. */
  readonly #actions: ReadonlyMap<string, ActionRequirement>;
  readonly #reaches = new WeakMap<object, ReadonlySet<string>>();
  readonly hands: Hand[] = [];
  now = NOW;
  /** What the last change was made by, and what the changed key could do before; absent where nothing was changed. */
  touched: { readonly by: ReadonlySet<string>; readonly key: ReadonlySet<string> } | undefined;
  readonly #members = new Map<string, Member>();
  readonly #keys = new Map<string, ApiKey>();

  readonly #first: KeyRights;
  readonly #planLimit: RateLimit | null;

  /** @param first what the attacker's first key may do; for somebody who has signed in, what they start from. */
  constructor(profile: Profile, first: KeyRights) {
    this.profile = profile;
    this.#first = first;
    this.#planLimit = planLimitOf(profile, null);
    const granted = profile.scopes?.definitions.flatMap(({ grants }) => grants) ?? profile.routes;
    const actions = granted.map((pattern) => pattern.replace('*', 'GET').replace(/\/?\*\*$/, ''));
    const requirements = [ADMINISTER, ...actions].map((action) => {
      const requirement = requirementFor(profile, action);
      return [JSON.stringify(requirement), [action, requirement]] as const;
    });
    this.#actions = new Map(new Map(requirements).values());
  }

  addMember(userId: string, role: Role): void {
    this.#members.set(userId, { workspace: 'acme', userId, role, createdAt: NOW, version: 1 });
  }

  addKey(power: KeyRights, createdBy: string | null): ApiKey {
    const id = `key_${this.#keys.size}`;
    const creator = createdBy === null ? undefined : this.#members.get(createdBy);
    const key: ApiKey = {
      id,
      workspace: 'acme',
      name: null,
      description: null,
      externalId: null,
      start: '',
      enabled: true,
      createdAt: this.now,
      createdBy,
      lastUsedAt: null,
      previousSecret: null,
      revokedAt: null,
      bounds: {},
      version: 1,
      ...power,
      role: this.profile.inheritsRole ? (creator?.role ?? null) : null,
    };
    this.#keys.set(id, key);
    return key;
  }

  /** @returns whether it was allowed, and so done. */
  attempt(attempt: Attempt): boolean {
    this.touched = undefined;
    switch (attempt.kind) {
      case 'wait':
        this.now += attempt.seconds;
        return true;
      case 'lower':
        return this.#lower([...this.#members.keys()][attempt.user % this.#members.size] ?? '', attempt.to);
      default:
        return this.#act(attempt);
    }
  }

  /** Everything that a hand can do, wherever and whenever: one text for each action, place, moment and role. */
  reachOf(hand: Hand): ReadonlySet<string> {
    const key = 'user' in hand ? undefined : this.#keys.get(hand.keyId);
    const owner = 'user' in hand ? this.#members.get(hand.user) : key;
    const secret = this.#secretOf(hand);
    if (owner === undefined || secret === undefined) return new Set();
    const known =
      this.#reaches.get(owner) ??
      this.#reachOfSecret(secret, key === undefined ? null : effectiveLimit(this.#planLimit, key));
    this.#reaches.set(owner, known);
    return known;
  }

  #reachOfSecret(secret: StoredSecret, limit: RateLimit | null): Set<string> {
    const { role } = secret.principal;
    const roles = this.profile.inheritsRole ? ROLES.slice(ROLES.indexOf(role ?? 'owner')) : [''];
    const beyond = LIMITS.filter((each) => !isWithinLimit(limit, each));
    const reach = new Set(beyond.map((each) => `more than ${each.limit} calls in ${each.windowSeconds} s`));
    for (const [action, requirement] of this.#actions)
      for (const sourceAddress of ADDRESSES)
        for (const now of MOMENTS) {
          if (judge(secret, { now, sourceAddress, requirement }).kind !== 'allow') continue;
          for (const each of roles) reach.add(`${action} ${sourceAddress} ${now} ${each}`);
        }
    return reach;
  }

  #act(attempt: Extract<Attempt, { hand: number }>): boolean {
    const hand = this.hands[attempt.hand % this.hands.length];
    const caller = hand && this.#callerOf(hand);
    if (hand === undefined || caller === undefined) return false;
    const planLimit = this.#planLimit;
    if (attempt.kind === 'issue') {
      const issuerLimit = limitForIssuedKeys(caller, planLimit);
      return this.#issue(caller, { ...this.#powerOf(attempt.power), rateLimit: null, issuerLimit });
    }
    const before = [...this.#keys.values()].at(-1 - (attempt.key % this.#keys.size));
    if (before === undefined) return false;
    const issuer = this.#issuerOf(caller);
    const touched = { by: this.reachOf(hand), key: this.reachOf({ keyId: before.id }) };
    if (attempt.kind === 'rotate') {
      if (mayRotate(this.profile, caller, { key: before, issuer, planLimit }).kind === 'refuse') return false;
      this.hands.push({ keyId: before.id });
      this.touched = touched;
      return true;
    }
    const creator: Creator = before.createdBy === null ? 'nobody' : this.#roleOf(before.createdBy);
    const { rateLimit, issuerLimit } = before;
    const after = { ...this.#powerOf(attempt.power), rateLimit, issuerLimit };
    const asked = { before, after, creator, issuer, planLimit };
    if (mayUpdate(this.profile, caller, asked).kind === 'refuse') return false;
    this.#keys.set(before.id, { ...before, ...after });
    this.touched = touched;
    return true;
  }

  #powerOf({ scopes, expiresAt, allowedCidrs }: Deviation): AskedPower {
    const { scopes: own, expiresAt: end, allowedCidrs: everywhere } = this.#first;
    return {
      scopes: scopes ?? own,
      expiresAt: expiresAt === undefined ? end : expiresAt,
      allowedCidrs: allowedCidrs ?? everywhere,
    };
  }

  #issue(caller: Principal, power: KeyRights): boolean {
    const creator = caller.user === null ? 'nobody' : this.#roleOf(caller.user);
    if (creator === 'gone') return false;
    if (mayIssue(this.profile, caller, { key: power, creator, planLimit: this.#planLimit }).kind === 'refuse')
      return false;
    this.hands.push({ keyId: this.addKey(power, caller.user).id });
    return true;
  }

  /** As the management API decides who calls: a key has to be in force, and to administer. */
  #callerOf(hand: Hand): Principal | undefined {
    const secret = this.#secretOf(hand);
    if (secret === undefined) return undefined;
    if ('user' in hand) return secret.principal;
    const requirement = requirementFor(this.profile, ADMINISTER);
    const inForce = ADDRESSES.some(
      (sourceAddress) => judge(secret, { now: this.now, sourceAddress, requirement }).kind === 'allow',
    );
    return inForce ? secret.principal : undefined;
  }

  #secretOf(hand: Hand): StoredSecret | undefined {
    const bare = { state: 'active', rateLimit: null, window: null, lastUsedAt: null } as const;
    if ('user' in hand) {
      const member = this.#members.get(hand.user);
      return member && { ...bare, principal: principalOfMember(member, this.profile), expiresAt: null };
    }
    const key = this.#keys.get(hand.keyId);
    if (key === undefined) return undefined;
    const { id, workspace, createdBy, role, scopes, expiresAt, allowedCidrs, rateLimit, issuerLimit } = key;
    const own = rateLimit ?? issuerLimit;
    const ownLimit = own && {
      ...own,
      from: rateLimit === null ? ('issuer' as const) : ('operator' as const),
    };
    const constraints = { expiresAt, allowedCidrs, ...(ownLimit && { ownLimit }) };
    const principal = { credentialId: id, workspace, user: createdBy, role, scopes, constraints };
    return { ...bare, principal: { kind: 'api_key', ...principal }, expiresAt };
  }

  #issuerOf({ kind, user }: Principal): Creator {
    return kind !== 'api_key' || user === null ? 'nobody' : this.#roleOf(user);
  }

  #roleOf(userId: string): Role | 'gone' {
    return this.#members.get(userId)?.role ?? 'gone';
  }

  /** Where keys act with their creator's role, they are lowered with them, or end. */
  #lower(userId: string, to: Role | 'none'): boolean {
    const member = this.#members.get(userId);
    if (member === undefined || (to !== 'none' && ROLES.indexOf(to) < ROLES.indexOf(member.role)))
      return false;
    if (to === 'none') this.#members.delete(userId);
    else this.#members.set(userId, { ...member, role: to });
    if (!this.profile.inheritsRole) return true;
    for (const key of this.#keys.values()) {
      if (key.createdBy !== userId) continue;
      if (to === 'none') this.#keys.delete(key.id);
      else this.#keys.set(key.id, { ...key, role: to });
    }
    return true;
  }
}
