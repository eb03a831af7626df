import type { Role } from '../../../core/access/role.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type {
  CountConditions,
  StoredSecret,
  VerificationStore,
} from '../../../core/verification/verification-store.ts';
import type { BcryptSecretStore } from '../../../core/verification/verify-bcrypt.ts';
import type { StoredToken, TokenSource } from '../../../core/verification/verify-token.ts';

export interface MemoryStore extends VerificationStore {
  readonly tokenSource: TokenSource;
  readonly bcryptSecrets: BcryptSecretStore;
  readonly secrets: Map<SecretLocator, StoredSecret>;
  readonly tokens: Map<SecretLocator, MemoryToken>;
  /** The operations that were asked for, in order. */
  readonly operations: string[];
  /** Happens right before each operation, as a concurrent caller's write would. */
  interfere: (operation: string) => void;
}

/** A token, with what its user is in each workspace that they are in. */
export type MemoryToken = Omit<StoredToken, 'membership'> & {
  readonly memberships: Readonly<Record<string, Role>>;
};

/** Keeps the contract of a verification store to the letter, in memory, for the core's own tests. */
export function memoryVerificationStore(): MemoryStore {
  const secrets = new Map<SecretLocator, StoredSecret>();
  const tokens = new Map<SecretLocator, MemoryToken>();
  const operations: string[] = [];
  const begin = (operation: string) => {
    store.interfere(operation);
    operations.push(operation);
  };
  const store: MemoryStore = {
    secrets,
    tokens,
    operations,
    interfere: () => {},
    async find(locator) {
      begin('find');
      return secrets.get(locator);
    },
    async count(conditions) {
      begin('count');
      const secret = secrets.get(conditions.locator);
      if (secret === undefined || !holds(secret, conditions)) return { kind: 'not_counted', secret };
      const { now } = conditions;
      const window = countedWindow(secret, conditions.window);
      const counted = { ...secret, lastUsedAt: now, window };
      secrets.set(conditions.locator, counted);
      return { kind: 'counted', secret: counted };
    },
    async stamp(locator, now) {
      begin('stamp');
      const secret = secrets.get(locator);
      if (secret && (secret.lastUsedAt ?? 0) < now) secrets.set(locator, { ...secret, lastUsedAt: now });
    },
    bcryptSecrets: {
      async findByPrefix(lookupPrefix) {
        begin('query');
        const slots = [...secrets].filter(([locator]) => locator.startsWith(`PREFIX#${lookupPrefix}#`));
        return slots.sort().map(([locator, secret]) => ({ locator, secret }));
      },
      async replaceHash({ locator, secretHash }, { secretHash: replacement, now }) {
        begin('replace');
        const secret = secrets.get(locator);
        if (secret?.state !== 'active' || (secret.expiresAt ?? Number.POSITIVE_INFINITY) <= now)
          return 'kept';
        if (secret.secretHash !== secretHash && secret.secretHash !== replacement) return 'kept';
        secrets.set(locator, { ...secret, secretHash: replacement });
        return 'replaced';
      },
    },
    tokenSource: {
      async find(locator, slug) {
        begin('findToken');
        const found = tokens.get(locator);
        if (found === undefined) return undefined;
        const { memberships, ...token } = found;
        const isMember = slug !== null && Object.hasOwn(memberships, slug);
        return { ...token, membership: isMember ? (memberships[slug] ?? null) : null };
      },
      async stamp(locator, now) {
        begin('stampToken');
        const token = tokens.get(locator);
        if (token && (token.lastUsedAt ?? 0) < now) tokens.set(locator, { ...token, lastUsedAt: now });
      },
    },
  };
  return store;
}

function countedWindow({ window }: StoredSecret, asked: CountConditions['window']): StoredSecret['window'] {
  if (asked === 'none') return window;
  const opened = asked === 'current' ? window : { ...asked, used: 0 };
  return opened && { endsAt: opened.endsAt, used: opened.used + 1 };
}

function holds(
  secret: StoredSecret,
  { kind, now, secretHash, scopes, workspace, allowedCidrs, window }: CountConditions,
): boolean {
  const { principal, rateLimit } = secret;
  const held = principal.scopes;
  const isOpen = secret.window !== null && secret.window.endsAt > now;
  const windowHolds =
    window === 'none' ||
    (window === 'current'
      ? rateLimit === null || (isOpen && (secret.window?.used ?? 0) < rateLimit.limit)
      : !isOpen && rateLimit?.windowSeconds === window.windowSeconds);
  return (
    principal.kind === kind &&
    secret.state === 'active' &&
    (secretHash === undefined || secretHash === secret.secretHash) &&
    (secret.expiresAt === null || secret.expiresAt > now) &&
    (scopes === 'any' || held === 'all' || scopes.some((name) => held.includes(name))) &&
    (workspace === undefined || workspace === principal.workspace) &&
    [...principal.constraints.allowedCidrs].sort().join() === [...allowedCidrs].sort().join() &&
    windowHolds
  );
}
