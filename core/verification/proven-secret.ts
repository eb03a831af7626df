import { createHmac } from 'node:crypto';
import type { CredentialType } from '../credential/credential-type.ts';
import type { SecretLocator } from '../credential/digest.ts';
import type { StoredSecret } from './verification-store.ts';

/** A stored secret that a presented text is the secret of. */
export interface ProvenSecret {
  readonly locator: SecretLocator;
  /** The hash that the text was compared with; absent where the locator proves it, being the digest of the text. */
  readonly secretHash?: string;
}

/** A proven secret, and the kind of credential that its text has the shape of. */
export interface PresentedSecret extends ProvenSecret {
  readonly kind: CredentialType['kind'];
}

/**
 * Finding an item under the digest of a text is not enough: code that may write one table could put any item there. So a
 * stored secret counts only as the kind that the text was taken for.
 * @returns `undefined` where the secret is of another kind, or of none; or has another hash by now, so that it is no longer
 * the one that was proven.
 */
export function matchSecret(
  secret: StoredSecret | undefined,
  { kind, secretHash }: PresentedSecret,
): StoredSecret | undefined {
  return secret?.secretHash === secretHash && secret?.principal.kind === kind ? secret : undefined;
}

/** What one instance has proven already, so that a slow comparison is paid once and not for every call. */
export interface BcryptCache {
  recall(presentedText: string): ProvenSecret | undefined;
  remember(presentedText: string, proven: ProvenSecret): void;
  forget(presentedText: string): void;
}

/** A few megabytes at most. */
const CAPACITY = 5_000;

/**
 * Remembers which texts were proven, never the texts: by their HMAC-SHA-256 under a key that lives and dies with the
 * process, so that not even a dump of its memory holds a digest that could be tried elsewhere. It remembers no state: what
 * a key may do at this moment is asked of the store with every call.
 * @param key at least 32 random bytes, drawn when the process starts.
 */
export function createBcryptCache(key: Uint8Array, capacity = CAPACITY): BcryptCache {
  const entries = new Map<string, ProvenSecret>();
  const fingerprintOf = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const put = (fingerprint: string, proven: ProvenSecret) => {
    // A map keeps the order of insertion, so the first entry is the one that was used least recently.
    entries.delete(fingerprint);
    entries.set(fingerprint, proven);
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
  };
  return {
    recall(presentedText) {
      const fingerprint = fingerprintOf(presentedText);
      const proven = entries.get(fingerprint);
      if (proven !== undefined) put(fingerprint, proven);
      return proven;
    },
    remember: (presentedText, proven) => put(fingerprintOf(presentedText), proven),
    forget: (presentedText) => {
      entries.delete(fingerprintOf(presentedText));
    },
  };
}
