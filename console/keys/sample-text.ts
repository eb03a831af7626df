import type { SampleCall } from './sample-call.ts';

/** The ways in which a first call is shown. */
export const LANGUAGES = ['curl', 'python', 'javascript', 'mcp'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  curl: 'curl',
  python: 'Python',
  javascript: 'JavaScript',
  mcp: 'MCP client',
};

export function languagesOf({ isMcp }: SampleCall): readonly Language[] {
  return LANGUAGES.filter((language) => isMcp || language !== 'mcp');
}

/** The call as a text to paste. It reads the credential from the environment. */
export function writeSample(call: SampleCall, language: Language): string {
  switch (language) {
    case 'curl':
      return writeCurl(call);
    case 'python':
      return writePython(call);
    case 'javascript':
      return writeJavaScript(call);
    case 'mcp':
      return writeMcp(call);
  }
}

function writeCurl({ method, url, header, scheme, headers, variable, body }: SampleCall): string {
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${url}`,
    `-H "${header}: ${scheme}$${variable}"`,
    ...Object.entries(headers).map(([name, value]) => `-H "${name}: ${value}"`),
  ];
  if (body !== undefined) lines.push(`-d '${JSON.stringify(body)}'`);
  return lines.join(' \\\n  ');
}

function writePython({ method, url, header, scheme, headers, variable, body }: SampleCall): string {
  const value = scheme === '' ? `os.environ["${variable}"]` : `f"${scheme}{os.environ['${variable}']}"`;
  const rows = [
    `"${header}": ${value}`,
    ...Object.entries(headers).map(([name, text]) => `"${name}": "${text}"`),
  ];
  const json = body === undefined ? '' : `\n    json=${pythonLiteral(body)},`;
  return `import os
import httpx

response = httpx.request(
    "${method}",
    "${url}",
    headers={
        ${rows.join(',\n        ')},
    },${json}
)
print(response.status_code, response.text)`;
}

function writeJavaScript({ method, url, header, scheme, headers, variable, body }: SampleCall): string {
  const value = scheme === '' ? `process.env.${variable}` : `\`${scheme}\${process.env.${variable}}\``;
  const rows = [
    `'${header}': ${value}`,
    ...Object.entries(headers).map(([name, text]) => `'${name}': '${text}'`),
  ];
  const json = body === undefined ? '' : `\n  body: JSON.stringify(${JSON.stringify(body)}),`;
  return `const response = await fetch('${url}', {
  method: '${method}',
  headers: {
    ${rows.join(',\n    ')},
  },${json}
});
console.log(response.status, await response.text());`;
}

/** The form that most MCP clients read, with the variable in place of the credential. */
function writeMcp({ url, header, scheme, headers, variable, realm }: SampleCall): string {
  const { 'Content-Type': _, ...others } = headers;
  const server = { type: 'http', url, headers: { [header]: `${scheme}\${${variable}}`, ...others } };
  return JSON.stringify({ mcpServers: { [realm]: server } }, null, 2);
}

const PYTHON_WORDS: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };

/** A JSON value as Python writes it: other words, and a blank after each colon and comma. Texts stay as they are. */
function pythonLiteral(value: unknown): string {
  const pattern = /"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b|[:,]/g;
  return JSON.stringify(value).replaceAll(pattern, (part) => {
    if (part === ':' || part === ',') return `${part} `;
    return PYTHON_WORDS[part] ?? part;
  });
}
