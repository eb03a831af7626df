/**
 * A client of the sample product, for scripts and pipelines. The token, the workspace and the address stand in the
 * environment, so that no credential is in a command or a file:
 *
 *     export SOPHIC_PAT=… SOPHIC_WORKSPACE=acme SOPHIC_API_URL=http://127.0.0.1:4001
 *     npm run --silent sophic-client -- documents
 *     npm run --silent sophic-client -- search onboarding
 *     npm run --silent sophic-client -- grep 'Day one'
 *     git log -1 | npm run --silent sophic-client -- capture 'Last commit'
 *
 * Answers are JSON on stdout. An error is one sentence on stderr and exit code 1.
 */
interface Settings {
  readonly token: string;
  readonly workspace: string;
  readonly apiUrl: string;
}

interface Call {
  readonly path: string;
  /** Sent as JSON by POST; a call without one is a GET. */
  readonly body?: object;
}

const USAGE = 'usage: client.ts documents | search TEXT | grep PATTERN | capture TITLE (content on stdin)';

try {
  const settings = readSettings(process.env);
  const call = await readCall(process.argv.slice(2));
  console.log(JSON.stringify(await send(settings, call), null, 2));
} catch (error) {
  console.error(`sophic: ${error instanceof Error ? error.message : 'something went wrong'}`);
  process.exitCode = 1;
}

function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const required = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
    return value;
  };
  return {
    token: required('SOPHIC_PAT'),
    workspace: required('SOPHIC_WORKSPACE'),
    apiUrl: required('SOPHIC_API_URL').replace(/\/+$/, ''),
  };
}

async function readCall([command, text]: readonly string[]): Promise<Call> {
  if (command === 'documents' && text === undefined) return { path: '/api/v1/documents' };
  if (text === undefined) throw new Error(USAGE);
  if (command === 'search') return { path: `/api/v1/search?q=${encodeURIComponent(text)}` };
  if (command === 'grep') return { path: `/api/v1/grep?pattern=${encodeURIComponent(text)}` };
  if (command === 'capture')
    return { path: '/api/ingest/cli', body: { title: text, content: await readStdin() } };
  throw new Error(USAGE);
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws with the detail that the API gives, or with the status of an answer that has none. */
async function send({ token, workspace, apiUrl }: Settings, { path, body }: Call): Promise<unknown> {
  const response = await fetch(apiUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token}`, 'x-sophic-workspace': workspace },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => null)) as { readonly detail?: string } | null;
  if (!response.ok) throw new Error(answer?.detail ?? `The API answered ${response.status}.`);
  return answer;
}
