/**
 * `keyward/middleware`: what a product's own Lambda functions use. What verifies by itself brings the AWS SDK along; a
 * function that stands behind the authorizer imports `guard` alone and is bundled without it.
 */
export type { Principal } from '../../core/principal.ts';
export type { RateState } from '../../core/verdict.ts';
export { type GuardedEvent, guard } from './guard.ts';
export type { GuardOptions } from './options.ts';
export { guardAlone } from './product.ts';
