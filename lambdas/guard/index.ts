/** `keyward/middleware`: what a product's own Lambda functions use. */
export type { Principal } from '../../core/principal.ts';
export type { RateState } from '../../core/verdict.ts';
export { type GuardedEvent, type GuardOptions, guard } from './guard.ts';
