/**
 * `keyward/middleware`, for a product's own Lambda functions. Guards that verify themselves need the AWS SDK. A function behind
 * the authorizer imports only `guard`, and its bundle has no SDK.
 */

export type { Principal } from '../../core/access/principal.ts';
export type { PublicProblem } from '../../core/errors/public-problem.ts';
export type { ToolCall } from '../../core/mcp/message.ts';
export type { RateState } from '../../core/verification/verdict.ts';
export type { HttpEvent } from '../http/http-event.ts';
export { withCrossOriginHeaders } from '../http/response-headers.ts';
export type { GuardOptions } from './guard.ts';
export { type GuardedEvent, guard } from './guard.ts';
export type { GuardedMcpEvent } from './guard-mcp.ts';
export { answerUnknownTool, refuseToolCall } from './mcp-response.ts';
export type { GuardAloneOptions, ProfileGuardOptions } from './profile-guards.ts';
export { guardAlone, guardMcp, guardMcpBehindAuthorizer } from './profile-guards.ts';
export { answerError } from './rest-answer.ts';
