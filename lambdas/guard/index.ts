/**
 * `keyward/middleware`: what a product's own Lambda functions use. What verifies by itself brings the AWS SDK along; a
 * function that stands behind the authorizer imports `guard` alone and is bundled without it.
 */

export type { Principal } from '../../core/access/principal.ts';
export type { PublicProblem } from '../../core/errors/public-problem.ts';
export type { ToolCall } from '../../core/mcp/message.ts';
export type { RateState } from '../../core/verification/verdict.ts';
export { withCrossOriginHeaders } from '../http/cross-origin.ts';
export { answerError } from './answer-error.ts';
export { type GuardedEvent, guard } from './guard.ts';
export type { GuardedMcpEvent } from './guard-mcp.ts';
export { answerUnknownTool, refuseToolCall } from './mcp-response.ts';
export type { GuardOptions } from './options.ts';
export { guardAlone, guardMcp, guardMcpBehindAuthorizer } from './product.ts';
export type { ProfileGuardOptions } from './profile-options.ts';
