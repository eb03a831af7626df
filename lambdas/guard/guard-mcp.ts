import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Principal } from '../../core/access/principal.ts';
import type { McpMessage, McpRequest, ToolCall } from '../../core/mcp/message.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { toolRequirement } from '../../core/verification/requirement.ts';
import type { RateState } from '../../core/verification/verdict.ts';
import { fitAnswer } from '../http/http-answer.ts';
import { type HttpEvent, requestIdOfEvent } from '../http/http-event.ts';
import { withCrossOriginHeaders } from '../http/response-headers.ts';
import { faultEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/stdout-log.ts';
import { allowOrigins, answerEarly, answerSuccess, changeAnswer, failClosed } from './guarded-response.ts';
import { type ReadRequest, readRequest } from './mcp-request.ts';
import {
  answerUnknownTool,
  type McpProfile,
  type RpcProblem,
  refusalProblem,
  rpcErrorResponse,
  rpcFaultProblem,
  unlistableProblem,
} from './mcp-response.ts';
import { addRateHeaders, rateHeaders } from './rest-answer.ts';
import { callableBy, filterAnswer, type ToolFilter } from './tool-list.ts';
import type { VerdictSource } from './verdict-source.ts';

/** The event of a guarded handler. It holds a request: the guard answers notifications itself. */
export type GuardedMcpEvent<Event extends HttpEvent = APIGatewayProxyEvent> = Event & {
  /** The message that was checked, and so the one to run. The event has no other body. */
  readonly message: McpRequest;
  /** `null` for the profile's public methods. `tools/list` and `tools/call` are never among them. */
  readonly principal: Principal | null;
};

/**
 * Makes Middy middleware for a function that serves the Model Context Protocol by POST and without sessions. It decides by the
 * JSON-RPC message. The caller sees in `tools/list` only the tools that they may call, whatever other middleware does. A list
 * that is compressed or a stream cannot be filtered, so the caller gets an error instead.
 * @throws at start if the profile says nothing about MCP.
 */
export function createGuardMcp<Event extends HttpEvent = APIGatewayProxyEvent>(
  productProfile: Profile,
  verdictOn: VerdictSource,
): MiddlewareObj<GuardedMcpEvent<Event>, APIGatewayProxyResult> {
  const profile = withMcp(productProfile);
  const rates = new WeakMap<object, RateState>();
  return {
    before: failClosed(async (request) => {
      const { event } = request;
      const decision = await decide(profile, verdictOn, event);
      const requestId = requestIdOfEvent(event);
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

/** Filters every answer that the chain of middleware gives from here on. A list that cannot be filtered must not be shown. */
function showCallableTools(
  request: Request<HttpEvent, APIGatewayProxyResult>,
  profile: Profile,
  { message, principal }: Pick<GuardedMcpEvent, 'message' | 'principal'>,
): void {
  const requestId = requestIdOfEvent(request.event);
  const mayShow: ToolFilter = principal === null ? () => false : callableBy(profile, principal);
  changeAnswer(request, {
    change: (answer) => withCrossOriginHeaders(request.event, filterAnswer(answer, mayShow)),
    refuse: (answer) => {
      const fault = new Error('The answer to tools/list is not a JSON-RPC response with a list of tools.');
      writeEntry(faultEntry(fault), beginInvocation(requestId));
      const problem = rpcErrorResponse(unlistableProblem(message.id, answer), requestId);
      return fitAnswer(request.event, withCrossOriginHeaders(request.event, problem));
    },
  });
}

function withMcp(profile: Profile): McpProfile {
  const { mcp } = profile;
  if (mcp === undefined) throw new Error(`The profile ${profile.name} says nothing about MCP.`);
  return { ...profile, mcp };
}

type McpDecision =
  | {
      readonly kind: 'allow';
      readonly message: McpMessage;
      readonly principal: Principal | null;
      readonly rate?: RateState;
    }
  | { readonly kind: 'unknown_tool'; readonly message: ToolCall }
  | { readonly kind: 'refuse'; readonly problem: RpcProblem };

/** A caller learns what is wrong with a message only after the credential is verified, unless the method is public. */
async function decide(profile: McpProfile, verdictOn: VerdictSource, event: HttpEvent): Promise<McpDecision> {
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

/** A notification needs no answer of the product, because without sessions nothing in the product waits for it. */
function accepted(rate: RateState | undefined): APIGatewayProxyResult {
  return {
    statusCode: 202,
    headers: { 'Cache-Control': 'no-store', ...(rate && rateHeaders(rate)) },
    body: '',
  };
}
