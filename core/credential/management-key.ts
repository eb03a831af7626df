import type { KeyType } from './credential-type.ts';
import type { KeyFormat } from './key-text.ts';

/** Management keys look alike whatever the product: they reach the management API only, never the product's. */
export const MANAGEMENT_KEY_FORMAT: KeyFormat = { prefix: 'kwm_', randomLength: 30, hasChecksum: true };

export const MANAGEMENT_KEY: KeyType = {
  kind: 'management_key',
  format: MANAGEMENT_KEY_FORMAT,
  storedAs: 'sha256',
};
