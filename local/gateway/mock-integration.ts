import type { PropertyReader } from '../assembly/json.ts';
import { CannotRun } from '../cannot-run.ts';
import type { HeaderList } from './headers.ts';
import type { HttpAnswer } from './http-answer.ts';

/** An answer without a function: fixed headers, at most one header that depends on the request, no body. */
export interface MockIntegration {
  readonly kind: 'mock';
  readonly statusCode: number;
  /** Whether it converts bodies to text. Without it, API Gateway answers 500 if the API treats every body as binary. */
  readonly convertsToText: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** The first whose comparisons hold sets its header. */
  readonly branches: readonly Branch[];
}

/** One `#if` or `#elseif` of a response template. */
interface Branch {
  /** One of them is enough. Names are compared exactly, as VTL's `get` does. */
  readonly anyOf: readonly { readonly sentHeader: string; readonly value: string }[];
  readonly header: string;
  readonly value: string;
}

/** Supports only what a CORS preflight needs: one response, whose template sets one header or nothing. */
export function readMock(id: string, integration: PropertyReader): MockIntegration {
  const templates = Object.values(integration.record('RequestTemplates'));
  const [response, second] = integration.objects('IntegrationResponses');
  if (
    !response ||
    second ||
    !templates.every((text) => /^\s*\{\s*"?statusCode"?\s*:\s*\d+\s*\}\s*$/.test(String(text)))
  ) {
    throw new CannotRun(`${id}: a MOCK integration runs here with one static integration response only.`);
  }
  const handlings = [integration, response].map((part) => part.optionalText('ContentHandling'));
  if (handlings.some((handling) => handling !== undefined && handling !== 'CONVERT_TO_TEXT'))
    throw new CannotRun(
      `${id}: the ContentHandling of a MOCK integration must be CONVERT_TO_TEXT or left out.`,
    );
  const headers = Object.entries(response.texts('ResponseParameters')).map(([target, value]) => {
    const name = target.replace(/^method\.response\.header\./, '');
    if (!/^'.*'$/s.test(value))
      throw new CannotRun(`${id}: the header ${name} of a MOCK integration must be static.`);
    return [name, value.slice(1, -1)] as const;
  });
  return {
    kind: 'mock',
    statusCode: response.number('StatusCode', 200),
    convertsToText: handlings[0] !== undefined,
    headers: Object.fromEntries(headers),
    branches: readTemplates(id, Object.values(response.texts('ResponseTemplates'))),
  };
}

const COMPARISON = String.raw`\$input\.params\(\)\.header\.get\("([\w-]+)"\) == "([^"$#\\]*)"`;
const OVERRIDE = String.raw`#set\(\$context\.responseOverride\.header\.([\w-]+) = "([^"$#\\]*)"\)`;
const BRANCH = new RegExp(
  String.raw`#(if|elseif)\((${COMPARISON}(?: \|\| ${COMPARISON})*)\)\n${OVERRIDE}\n`,
  'g',
);

/** Reads a chain of comparisons with request headers, each of which sets one header. The runner knows no other VTL. */
function readTemplates(id: string, templates: readonly string[]): readonly Branch[] {
  const [text = '', ...others] = templates.filter((template) => template !== '');
  if (text === '') return [];
  const matches = [...text.matchAll(BRANCH)];
  const isRead =
    matches
      .map(([whole]) => whole)
      .join('')
      .concat('#end') === text;
  const isOneChain = matches.every(([, keyword], index) => keyword === (index === 0 ? 'if' : 'elseif'));
  if (others.length > 0 || !isRead || !isOneChain) {
    throw new CannotRun(
      `${id}: a MOCK integration's response template can only set a header where a header of the request is one of some texts, as a GuardedApi writes it; CDK's own preflight for several origins cannot be honoured locally.`,
    );
  }
  return matches.map((match) => ({
    anyOf: [...(match[2] ?? '').matchAll(new RegExp(COMPARISON, 'g'))].map(
      ([, sentHeader = '', value = '']) => ({ sentHeader, value }),
    ),
    header: match.at(-2) ?? '',
    value: match.at(-1) ?? '',
  }));
}

/** @param sent the headers of the request, as they were sent. */
export function answerMock({ statusCode, headers, branches }: MockIntegration, sent: HeaderList): HttpAnswer {
  const branch = branches.find(({ anyOf }) =>
    anyOf.some(({ sentHeader, value }) => sent.findLast(([name]) => name === sentHeader)?.[1] === value),
  );
  const override: HeaderList = branch ? [[branch.header, branch.value]] : [];
  const overridden = Object.entries(headers).filter(([name]) => name !== branch?.header);
  return {
    statusCode,
    headers: [['Content-Type', 'application/json'], ...overridden, ...override],
    body: Buffer.alloc(0),
  };
}
