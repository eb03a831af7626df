import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { headerMismatch } from '../../core/mcp-header.ts';
import {
  type McpMessage,
  type McpRequest,
  type ReadMessage,
  type RequestId,
  readMcpMessage,
} from '../../core/mcp-message.ts';
import { challengeOf, type MultiValueHeaders } from '../../core/presentation.ts';
import type { Principal } from '../../core/principal.ts';
import type { McpRules, Profile } from '../../core/profile.ts';
import { REFUSALS, type RefusalCode } from '../../core/refusal.ts';
import { requirementFor } from '../../core/requirement.ts';
import type { ActionRequirement, RateState, Refusal } from '../../core/verdict.ts';
import { UNAVAILABLE } from '../http/problem.ts';
import { type RpcProblem, rpcErrorResponse, unreadableProblem } from './mcp-response.ts';
import { rateHeaders, retryHeaders } from './rate-limit.ts';
import { keepCallableTools } from './tool-list.ts';
import type { VerdictSource } from './verifier.ts';

/** What a guarded handler is called with: requests only, since notifications are answered before it. */
export type GuardedMcpEvent = APIGatewayProxyEvent & {
  /** What was checked, and therefore what is to be run. The event has no other body. */
  readonly message: McpRequest;
  /** `null` where the method is one of the profile's public ones; never for `tools/list` and `tools/call`. */
  readonly principal: Principal | null;
};

type McpProfile = Profile & { readonly mcp: McpRules };

/**
 * Middy middleware for a function that serves the Model Context Protocol by POST and without sessions: decides by the JSON-RPC message, and shows in `tools/list` only what the caller may call.
 * @throws at start when the profile says nothing about MCP.
 */
export function createGuardMcp(
  productProfile: Profile,
  verdictOn: VerdictSource,
): MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult> {
  const profile = withMcp(productProfile);
  const rates = new WeakMap<object, RateState>();
  return {
    before: async ({ event }) => {
      const decision = await decide(profile, verdictOn, event);
      const { requestId = '' } = event.requestContext ?? {};
      if (decision.kind === 'refuse') return rpcErrorResponse(decision.problem, requestId);
      const { message, principal, rate } = decision;
      if (message.id === undefined) return accepted(rate);
      if (rate) rates.set(event, rate);
      Object.assign(event, { message, principal, body: null, isBase64Encoded: false });
      return undefined;
    },
    after: ({ event, response }) => {
      if (response == null) return;
      if (event.message?.method === 'tools/list') {
        response.body = keepCallableTools(profile, event.principal, response);
      }
      const rate = rates.get(event);
      if (rate) response.headers = { ...response.headers, ...rateHeaders(rate) };
    },
  };
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
  | { readonly kind: 'refuse'; readonly problem: RpcProblem };

/** Whatever is wrong with a message is told only to callers who are known, unless its method is public. */
async function decide(
  profile: McpProfile,
  verdictOn: VerdictSource,
  event: APIGatewayProxyEvent,
): Promise<Decision> {
  const read = readRequest(profile.mcp, event);
  if (read.kind === 'message' && profile.mcp.publicMethods.includes(read.message.method)) {
    return { kind: 'allow', message: read.message, principal: null };
  }
  const verdict = await verdictOn(event, requirementOf(profile, read));
  const id = read.kind === 'message' ? (read.message.id ?? null) : null;
  if (verdict.kind === 'fault') return { kind: 'refuse', problem: unavailable(id) };
  if (verdict.kind === 'refuse') return { kind: 'refuse', problem: refusalProblem(profile, verdict, id) };
  if (read.kind === 'refused') return { kind: 'refuse', problem: read.problem };
  const { principal, rate } = verdict;
  return { kind: 'allow', message: read.message, principal, ...(rate && { rate }) };
}

type ReadRequest =
  | Extract<ReadMessage, { kind: 'message' }>
  | { readonly kind: 'refused'; readonly problem: RpcProblem };

function readRequest({ path }: McpRules, event: APIGatewayProxyEvent): ReadRequest {
  const refused = (problem: RpcProblem): ReadRequest => ({ kind: 'refused', problem });
  if (event.resource !== path) {
    return refused({ status: 404, code: 404, message: 'There is no such resource.', id: null });
  }
  if (event.httpMethod !== 'POST') {
    const message = 'Messages are posted here. There are no streams and no sessions.';
    return refused({ status: 405, code: 405, message, id: null, headers: { Allow: 'POST' } });
  }
  const read = readMcpMessage(bodyText(event));
  if (read.kind === 'unreadable') return refused(unreadableProblem(read));
  const reason = headerMismatch(read.message, (event.multiValueHeaders ?? {}) as MultiValueHeaders);
  if (reason === undefined) return read;
  return refused(unreadableProblem({ code: 'header_mismatch', reason, id: read.message.id ?? null }));
}

/** @returns a text that no JSON can be where the bytes are not UTF-8: replaced characters are not what was sent. */
function bodyText({ body, isBase64Encoded }: APIGatewayProxyEvent): string {
  if (!isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(body ?? '', 'base64'),
    );
  } catch {
    return '';
  }
}

function requirementOf(profile: Profile, read: ReadRequest): ActionRequirement {
  if (read.kind === 'refused' || read.message.method !== 'tools/call') return 'any';
  return requirementFor(profile, read.message.params.name);
}

/** @param id of the request; a caller who is not known is answered without. */
function refusalProblem(profile: McpProfile, refusal: Refusal, id: RequestId | null): RpcProblem {
  const { code, requiredScope, rate } = refusal;
  const { status, detail: message, code: publicCode } = REFUSALS[code];
  if (status === 401) {
    const headers = { 'WWW-Authenticate': challengeOf(profile.presentation, profile.realm) };
    const data = { code: publicCode };
    return { status, code: profile.mcp.unauthorizedCode, message, id: null, data, headers };
  }
  const data =
    requiredScope === undefined
      ? { code: publicCode, reason: reasonOf(code) }
      : { code: publicCode, required_scope: requiredScope };
  return { status, code: status, message, id, data, ...(rate && { headers: retryHeaders(rate) }) };
}

function reasonOf(code: RefusalCode): string {
  if (code === 'rate_limited') return 'The limit of the current window is used up.';
  return code === 'wrong_workspace' ? REFUSALS[code].detail : 'No API key may call this tool.';
}

function unavailable(id: RequestId | null): RpcProblem {
  const { status, detail, code, headers } = UNAVAILABLE;
  return { status, code: status, message: detail, id, data: { code }, ...(headers && { headers }) };
}

/** A notification needs no answer, and nothing that is served without sessions waits for one. */
function accepted(rate: RateState | undefined): APIGatewayProxyResult {
  return {
    statusCode: 202,
    headers: { 'Cache-Control': 'no-store', ...(rate && rateHeaders(rate)) },
    body: '',
  };
}
