import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import type { McpMessage, McpRequest, ToolCall } from '../../core/mcp/message.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { toolRequirement } from '../../core/verification/requirement.ts';
import type { RateState } from '../../core/verification/verdict.ts';
import { requestIdOf } from '../http/request.ts';
import { withCrossOriginHeaders } from '../http/response-headers.ts';
import { faultEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/stdout-log.ts';
import { answerEarly, answerSuccess, failClosed } from './early-answer.ts';
import { allowOrigins, changeAnswer } from './guarded-response.ts';
import { type McpProfile, refusalProblem, rpcFaultProblem } from './mcp-problem.ts';
import { type ReadRequest, readRequest } from './mcp-request.ts';
import { answerUnknownTool, type RpcProblem, rpcErrorResponse, unlistableProblem } from './mcp-response.ts';
import { addRateHeaders, rateHeaders } from './rate-headers.ts';
import { callableBy, filterAnswer, type ToolFilter } from './tool-list.ts';
import type { VerdictSource } from './verdict-source.ts';

/** What a guarded handler is called with: requests only, since notifications are answered before it. */
export type GuardedMcpEvent = APIGatewayProxyEvent & {
  /** What was checked, and therefore what is to be run. The event has no other body. */
  readonly message: McpRequest;
  /** `null` where the method is one of the profile's public ones; never for `tools/list` and `tools/call`. */
  readonly principal: Principal | null;
};

/**
 * Middy middleware for a function that serves the Model Context Protocol by POST and without sessions: decides by the
 * JSON-RPC message, and shows in `tools/list` only what the caller may call, whatever the middleware behind it does. An
 * answer to `tools/list` that is compressed or a stream cannot be filtered, and is an error instead.
 * @throws at start when the profile says nothing about MCP.
 */
export function createGuardMcp(
  productProfile: Profile,
  verdictOn: VerdictSource,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const profile = withMcp(productProfile);
  const rates = new WeakMap<object, RateState>();
  return {
    before: failClosed(async (request) => {
      const { event } = request;
      const decision = await decide(profile, verdictOn, event);
      const requestId = requestIdOf(event.requestContext);
      if (decision.kind === 'refuse')
        return answerEarly(request, rpcErrorResponse(decision.problem, requestId));
      if (decision.kind === 'unknown_tool')
        return answerSuccess(request, answerUnknownTool({ ...event, message: decision.message }));
      const { message, principal, rate } = decision;
      if (message.id === undefined) return answerSuccess(request, accepted(rate));
      if (rate) rates.set(request, rate);
      if (message.method === 'tools/list') showCallableTools(request, profile, { message, principal });
      else allowOrigins(request);
      Object.assign(event, { message, principal, body: null, isBase64Encoded: false });
    }),
    after: (request) => addRateHeaders(request, rates.get(request)),
  };
}

/** Whatever the chain of middleware answers from here on. What cannot be filtered must not be shown. */
function showCallableTools(
  request: Request<GuardedMcpEvent, APIGatewayProxyResult>,
  profile: Profile,
  { message, principal }: Pick<GuardedMcpEvent, 'message' | 'principal'>,
): void {
  const requestId = requestIdOf(request.event.requestContext);
  const mayShow: ToolFilter = principal === null ? () => false : callableBy(profile, principal);
  changeAnswer(request, {
    change: (answer) => withCrossOriginHeaders(request.event, filterAnswer(answer, mayShow)),
    refuse: (answer) => {
      const fault = new Error('The answer to tools/list is no JSON-RPC response with a list of tools.');
      writeEntry(faultEntry(fault), beginInvocation(requestId));
      const problem = rpcErrorResponse(unlistableProblem(message.id, answer), requestId);
      return withCrossOriginHeaders(request.event, problem);
    },
  });
}

function withMcp(profile: Profile): McpProfile {
  const { mcp } = profile;
  if (mcp === undefined) throw new Error(`The profile ${profile.name} says nothing about MCP.`);
  return { ...profile, mcp };
}

type Decision =
  | {
      readonly kind: 'allow';
      readonly message: McpMessage;
      readonly principal: Principal | null;
      readonly rate?: RateState;
    }
  | { readonly kind: 'unknown_tool'; readonly message: ToolCall }
  | { readonly kind: 'refuse'; readonly problem: RpcProblem };

/** Whatever is wrong with a message is told only to callers who are known, unless its method is public. */
async function decide(
  profile: McpProfile,
  verdictOn: VerdictSource,
  event: APIGatewayProxyEvent,
): Promise<Decision> {
  const read = readRequest(profile.mcp, event);
  if (read.message !== null && profile.mcp.publicMethods.includes(read.message.method)) {
    return read.kind === 'message' ? { kind: 'allow', message: read.message, principal: null } : read;
  }
  const call = calledTool(read);
  const requirement = call === undefined ? 'any' : toolRequirement(profile, call.params.name);
  const verdict = await verdictOn(event, requirement);
  if (verdict.kind === 'fault') {
    const id = read.message?.id ?? null;
    return { kind: 'refuse', problem: rpcFaultProblem(profile, verdict, id) };
  }
  if (verdict.kind === 'refuse') {
    const isUnknownTool = requirement === 'none' && verdict.code === 'forbidden';
    if (call !== undefined && isUnknownTool) return { kind: 'unknown_tool', message: call };
    return { kind: 'refuse', problem: refusalProblem(profile, verdict, read.message) };
  }
  if (read.kind === 'refuse') return read;
  const { principal, rate } = verdict;
  return { kind: 'allow', message: read.message, principal, ...(rate && { rate }) };
}

function calledTool(read: ReadRequest): ToolCall | undefined {
  return read.kind === 'message' && read.message.method === 'tools/call' ? read.message : undefined;
}

/** A notification needs no answer, and nothing that is served without sessions waits for one. */
function accepted(rate: RateState | undefined): APIGatewayProxyResult {
  return {
    statusCode: 202,
    headers: { 'Cache-Control': 'no-store', ...(rate && rateHeaders(rate)) },
    body: '',
  };
}
