import { call, modernCall } from '../acceptance/supersonic.ts';

/** One call of a sample API. */
export interface ProductCall {
  readonly path: string;
  /** @default GET without a body, POST with one */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a product is asked with one key. */
export interface ProductCalls {
  /** Where the key is issued. */
  readonly workspace: string;
  /** What it is issued with. */
  readonly key: object;
  present(secret: string): Readonly<Record<string, string>>;
  readonly allowed: ProductCall;
  /** What this key may not do. @default a key may do everything that its product offers */
  readonly beyond?: ProductCall;
}

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const [message, headers] = modernCall('notes.list');

export const CALLS: Readonly<Record<string, ProductCalls>> = {
  standard: {
    workspace: 'acme',
    key: { name: 'reader', scopes: ['read:all'] },
    present: bearer,
    allowed: { path: '/users' },
    beyond: { path: '/users', body: { name: 'Grace' } },
  },
  supertone: {
    // The sample's cloned voice belongs to acme.
    workspace: 'studio',
    key: {},
    present: (secret) => ({ 'x-sup-api-key': secret }),
    allowed: { path: '/v1/voices' },
    beyond: { path: '/v1/text-to-speech/voice_acme_clone', body: { text: 'Hello', language: 'en' } },
  },
  supersonic: {
    workspace: 'acme',
    key: { name: 'records', scopes: ['records'] },
    present: bearer,
    allowed: { path: '/', body: call('records.list') },
    beyond: { path: '/', body: message, headers },
  },
  socialcrm: {
    workspace: 'acme',
    key: {},
    present: bearer,
    allowed: { path: '/api/mcp-app', body: call('brands.list') },
  },
  sophic: {
    workspace: 'acme',
    key: { name: 'reader', scopes: ['read'] },
    present: bearer,
    allowed: { path: '/api/v1/documents' },
    beyond: { path: '/api/ingest/cli', body: { title: 'New', content: 'One.' } },
  },
};
