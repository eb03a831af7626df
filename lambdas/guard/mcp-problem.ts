import { PROBLEMS } from '../../core/errors/public-problem.ts';
import type { RequestId } from '../../core/mcp/message.ts';
import type { McpRules, McpWording, Profile } from '../../core/profile/profile.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { REFUSALS, type RefusalCode } from '../../core/verification/refusal.ts';
import { challengeOf, unauthorizedDetail } from '../../core/verification/unauthorized.ts';
import type { Refusal } from '../../core/verification/verdict.ts';
import { faultProblem } from '../http/problem.ts';
import { type AskedMessage, type RpcProblem, refusalStatus } from './mcp-response.ts';
import { retryHeaders } from './rest-answer.ts';
import type { Fault } from './verdict-source.ts';

export type McpProfile = Profile & { readonly mcp: McpRules };

/** @param asked the message, or `null` if it could not be read. An answer to an unknown caller does not repeat its id. */
export function refusalProblem(
  profile: McpProfile,
  refusal: Refusal,
  asked: AskedMessage | null,
): RpcProblem {
  const { code, requiredScope, rate } = refusal;
  const { status: rpcCode, detail: message, code: publicCode } = REFUSALS[code];
  if (rpcCode === 401) return unauthorizedProblem(profile, code);
  const data =
    requiredScope === undefined
      ? { code: publicCode, reason: reasonOf(code) }
      : { code: publicCode, required_scope: requiredScope };
  return {
    status: refusalStatus(code, asked),
    code: rpcCode,
    message,
    id: asked?.id ?? null,
    data,
    headers: rate && retryHeaders(rate),
  };
}

function reasonOf(code: RefusalCode): string {
  if (code === 'rate_limited') return 'The limit of the current window is used up.';
  return code === 'wrong_workspace' ? REFUSALS[code].detail : 'No API key may call this tool.';
}

function unauthorizedProblem({ mcp, presentation, realm }: McpProfile, refusal: RefusalCode): RpcProblem {
  const { status, code } = REFUSALS.unknown;
  const headers = { 'WWW-Authenticate': challengeOf(presentation, realm) };
  const answer = { status, code: mcp.unauthorizedCode, id: null, headers };
  if (mcp.wording === undefined)
    return { ...answer, message: unauthorizedDetail(credentialHeader(presentation)), data: { code } };
  return { ...answer, message: wordingFor(mcp.wording, refusal), data: null };
}

function wordingFor({ missing, expired, invalid }: McpWording, refusal: RefusalCode): string {
  if (refusal === 'missing') return missing;
  return refusal === 'expired' ? expired : invalid;
}

/** Nobody could find out whether the credential is valid. */
export function rpcFaultProblem({ mcp }: McpProfile, fault: Fault, id: RequestId | null): RpcProblem {
  if (mcp.wording !== undefined) {
    return { status: 500, code: mcp.unauthorizedCode, message: mcp.wording.fault, id: null, data: null };
  }
  const { status, detail, code, headers } = faultProblem(fault, PROBLEMS.not_begun);
  return { status, code: status, message: detail, id, data: { code }, headers };
}
