import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLACEHOLDER } from './observing-proxy.ts';

/** The public fuzzer of APIs that are described, from PyPI. */
export const SCHEMATHESIS_VERSION = '4.32.5';

/**
 * What each answer is held to. Left out are checks that this API means to fail. `unsupported_method` wants 405 where API Gateway
 * answers 404; the proxy holds those answers to the description. `positive_data_acceptance` wants every text that JSON Schema
 * allows to be taken, and JSON Schema cannot say that a slug is free or a member exists.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'ignored_auth',
  'use_after_free',
  'ensure_resource_availability',
];

/**
 * The statuses with which a body that does not fit its schema may be refused. A long one is 413, whatever else it is. An import
 * answers 200 and says of each row whether it fits.
 */
const REJECTED = `
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 409, 413, 422]

[[operations]]
include-operation-id = "importKeys"
checks.negative_data_rejection.expected-statuses = [200, 400, 401, 403, 404, 409, 413, 422]
`;

export interface FuzzRound {
  /** The Python of an environment that has the fuzzer. */
  readonly python: string;
  /** Where its settings are written, and nothing else. */
  readonly directory: string;
  /** Of the API, or of a proxy before it. */
  readonly url: string;
  readonly seed: number;
  /** How many calls it makes at most of what it draws for one operation. */
  readonly examples: number;
  /** `drawn`: only what it draws. `all`: also what it counts out of the schemas, and sequences of calls. */
  readonly phases: 'drawn' | 'all';
  /** The values of the parameters that have to name what is there. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** @returns what the fuzzer said, and whether it found anything. */
export async function fuzz(round: FuzzRound): Promise<{ readonly isClean: boolean; readonly said: string }> {
  const { python, directory, url, seed, examples, phases, parameters } = round;
  const settings = join(directory, 'schemathesis.toml');
  const values = Object.entries(parameters).map(
    ([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`,
  );
  writeFileSync(
    settings,
    `headers = { Authorization = "Bearer ${PLACEHOLDER}" }\nparameters = { ${values.join(', ')} }\n${REJECTED}`,
  );
  const chosen = [
    ...['-m', 'schemathesis.cli', '--config-file', settings, 'run', `${url}/openapi.json`],
    ...['--checks', CHECKS.join(',')],
    ...['--phases', phases === 'all' ? 'examples,coverage,fuzzing,stateful' : 'examples,fuzzing'],
    ...['--max-examples', String(examples), '--seed', String(seed)],
    ...['--generation-database', 'none', '--continue-on-failure', '--no-color', '--warnings', 'off'],
    ...['--request-timeout', '30'],
  ];
  const child = spawn(python, chosen, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { isClean: code === 0, said: said.join('') };
}
