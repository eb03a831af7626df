import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { DeploymentSettings } from '../../bin/synthesis.ts';
import { findPython, installPackage } from '../clients/python.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { templatesIn } from './assembly.ts';
import { REGION } from './emulator.ts';
import { CALLS } from './product-calls.ts';

const CFN_LINT_VERSION = '1.58.0';

/** Rules of cfn-lint that do not hold here. All others do, warnings included. */
const IGNORED: Readonly<Record<string, string>> = {
  W3005:
    'CDK makes a function wait for its role and the rights of it. The wait for the role alone would be enough to cfn-lint.',
  W6001:
    'A stack repeats the product of the tables as an output of its own. The import in it keeps the tables from another product.',
};

/** Settings that put something else into the templates than a profile alone. */
const SETTINGS: Readonly<Record<string, DeploymentSettings>> = {
  'an issuer of its own, alarms that tell a topic, and no dashboard': {
    sign_in: { kind: 'oidc', issuer: 'https://id.example.com', client: 'console', audience: 'keyward' },
    alarms: { topic_arn: 'arn:aws:sns:us-east-1:123456789012:pager' },
    dashboard: false,
  },
  'a domain of its own, other origins and frames, a second factor, and accounts that people make': {
    domain: {
      name: 'keys.example.com',
      certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555',
    },
    sign_in: { kind: 'cognito', accounts: 'anyone', mfa: 'required' },
    allowed_origins: ['https://app.example.com'],
    console: { frame_origins: ['https://app.example.com'], return_url: 'https://app.example.com/settings' },
    events: { retention_days: 'forever' },
  },
  'a closed default endpoint, a role for logs that is managed elsewhere, and no sample': {
    default_endpoint: 'closed',
    manage_account_log_role: false,
    sample: false,
  },
};

const found = await findPython(10);
if (found.kind === 'missing') process.stderr.write(`\nSKIPPED, cfn-lint: ${found.reason}\n\n`);
const describeLint = found.kind === 'found' ? describe : describe.skip;

describeLint(`cfn-lint ${CFN_LINT_VERSION}`, () => {
  let python: string;
  const met = new Set<string>();
  beforeAll(async () => {
    if (found.kind === 'found') python = await installPackage(found, 'cfn-lint', CFN_LINT_VERSION);
  });

  /** What cfn-lint finds in the templates of an assembly, ignored rules left out. */
  async function findingsIn(profile: string, settings?: DeploymentSettings): Promise<string[]> {
    const assembly = await sharedAssembly(profile, settings);
    const files = templatesIn(assembly).map((name) => join(assembly, name));
    const findings = await lint(files);
    for (const { Rule } of findings) met.add(Rule.Id);
    return findings
      .filter(({ Rule }) => IGNORED[Rule.Id] === undefined)
      .map(({ Rule, Filename, Location, Message }) =>
        [Rule.Id, Filename, Location.Path?.join('/'), Message].join(' '),
      );
  }

  interface Finding {
    readonly Rule: { readonly Id: string };
    readonly Filename: string;
    readonly Location: { readonly Path: readonly string[] | null };
    readonly Message: string;
  }

  async function lint(files: readonly string[]): Promise<Finding[]> {
    const args = [
      '-c',
      'from cfnlint.runner import main; main()',
      '--format',
      'json',
      '--regions',
      REGION,
      '--template',
      ...files,
    ];
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(python, args, { maxBuffer: 64_000_000 }, (_, out, complaint) => {
        // Its exit code is no zero as well where it has only found something.
        if (out.trim() === '') reject(new Error(`cfn-lint said nothing: ${complaint}`));
        else resolve(out);
      });
    });
    return JSON.parse(stdout);
  }

  test.each(Object.keys(CALLS))('finds nothing in the templates of %s', async (profile) => {
    expect(await findingsIn(profile)).toEqual([]);
  });

  test.each(Object.entries(SETTINGS))('finds nothing in the templates with %s', async (_, settings) => {
    expect(await findingsIn('standard', settings)).toEqual([]);
  });

  test('finds every rule that is ignored', () => {
    expect([...met].sort()).toEqual(Object.keys(IGNORED).sort());
  });
});
