import type { Principal } from '../../../core/access/principal.ts';
import type { CredentialType } from '../../../core/credential/credential-type.ts';
import type { KeyFormat } from '../../../core/credential/key-text.ts';
import type { Claim } from '../../../core/verification/verdict.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';

/** When these tests happen, in Unix seconds; divisible by every window they use. */
export const NOW = 1_800_000_000;

export const PRINCIPAL: Principal = {
  kind: 'api_key',
  credentialId: 'key_1',
  workspace: 'acme',
  user: 'usr_1',
  role: null,
  scopes: ['read'],
  constraints: { expiresAt: null, allowedCidrs: [] },
};

export const SECRET: StoredSecret = {
  principal: PRINCIPAL,
  state: 'active',
  expiresAt: null,
  rateLimit: null,
  window: null,
  lastUsedAt: null,
};

export const boundTo = (allowedCidrs: readonly string[]): StoredSecret => ({
  ...SECRET,
  principal: { ...PRINCIPAL, constraints: { expiresAt: null, allowedCidrs } },
});

export const READ = { requiredScope: 'read', grantedBy: ['read', 'admin'] };

export const CLAIM: Claim = { now: NOW, requirement: READ, sourceAddress: '203.0.113.7' };

export const apiKeyOf = (format: KeyFormat): CredentialType => ({
  kind: 'api_key',
  format,
  storedAs: 'sha256',
});
