import type { Principal } from '../../core/access/principal.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { isObject } from '../../core/text/invalid-input.ts';
import { mayCall } from '../../core/verification/requirement.ts';

/** Says whether the caller may see a tool. */
export type ToolFilter = (name: string) => boolean;

export function callableBy(profile: Profile, principal: Principal): ToolFilter {
  return (name) => mayCall(profile, principal, name);
}

/**
 * Removes from an answer to `tools/list` the tools that the caller may not see. The answer may be a proxy response, a JSON-RPC
 * response, several of them, or the text of one.
 * @returns `undefined` for an answer that cannot be filtered, such as a stream or a compressed body. It must not be shown.
 */
export function filterAnswer(answer: unknown, mayShow: ToolFilter): unknown {
  if (answer === undefined || answer === null || answer === '') return answer;
  if (typeof answer === 'string') return filterText(answer, mayShow);
  if (Array.isArray(answer)) return filterJson(answer, mayShow);
  // Middy or Lambda sends streams and other special objects in ways that cannot be filtered here.
  if (!isPlain(answer)) return undefined;
  if (!('body' in answer) && !('statusCode' in answer)) return filterJson(answer, mayShow);
  const body = filterBody(answer, mayShow);
  return body === undefined ? undefined : { ...answer, body };
}

/** @returns the new body, or `undefined` if it cannot be filtered. */
function filterBody(
  { body = '', isBase64Encoded }: Readonly<Record<string, unknown>>,
  mayShow: ToolFilter,
): unknown {
  if (body === null || body === '') return body;
  if (typeof body === 'object') return isPlain(body) ? filterJson(body, mayShow) : undefined;
  if (typeof body !== 'string') return undefined;
  if (isBase64Encoded !== true) return filterText(body, mayShow);
  const text = filterText(Buffer.from(body, 'base64').toString(), mayShow);
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}

function filterText(text: string, mayShow: ToolFilter): string | undefined {
  try {
    const filtered = filterJson(JSON.parse(text), mayShow);
    return filtered === undefined ? undefined : JSON.stringify(filtered);
  } catch {
    return undefined;
  }
}

/** An error without a result stays as it is. */
function filterJson(answer: unknown, mayShow: ToolFilter): unknown {
  if (Array.isArray(answer)) {
    const all = answer.map((one) => filterJson(one, mayShow));
    return all.includes(undefined) ? undefined : all;
  }
  if (!isObject(answer)) return undefined;
  const { result, error } = answer;
  if (result === undefined) return isObject(error) ? answer : undefined;
  if (!isObject(result) || !Array.isArray(result.tools)) return undefined;
  const tools = result.tools.filter(
    (tool: unknown) => isObject(tool) && typeof tool.name === 'string' && mayShow(tool.name),
  );
  return { ...answer, result: { ...result, tools } };
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
