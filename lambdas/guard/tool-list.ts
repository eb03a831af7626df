import type { APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/mcp-message.ts';
import type { Principal } from '../../core/principal.ts';
import type { Profile } from '../../core/profile.ts';
import { mayCall } from '../../core/requirement.ts';

/**
 * Leaves in the answer to `tools/list` what the caller may call.
 * @returns the new body; an error's stays as it is.
 * @throws when the answer is no JSON-RPC response: what cannot be filtered must not be shown.
 */
export function keepCallableTools(
  profile: Profile,
  principal: Principal | null,
  { body, isBase64Encoded }: APIGatewayProxyResult,
): string {
  const answer: unknown = isBase64Encoded ? undefined : JSON.parse(body);
  if (isObject(answer) && answer.result === undefined && isObject(answer.error)) return body;
  const result = isObject(answer) ? answer.result : undefined;
  if (!isObject(answer) || !isObject(result) || !Array.isArray(result.tools) || principal === null) {
    throw new Error('The answer to tools/list is no JSON-RPC response with a list of tools.');
  }
  const tools = result.tools.filter(
    (tool: unknown) =>
      isObject(tool) && typeof tool.name === 'string' && mayCall(profile, principal, tool.name),
  );
  return JSON.stringify({ ...answer, result: { ...result, tools } });
}
