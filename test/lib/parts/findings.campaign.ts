import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { KeywardApp } from '../../../lib/keyward-app.ts';
import { REASONS } from '../../../lib/parts/findings.ts';

/** Between them: an authorizer, guards alone, both, public routes. */
const PROFILES = ['standard', 'supersonic', 'sophic', 'socialcrm'];

const folder = mkdtempSync(join(tmpdir(), 'keyward-findings-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Violation {
  readonly ruleName: string;
  readonly violatingConstructs: readonly { readonly constructPath: string }[];
}

/** What AwsSolutions finds in a product's stacks and nobody has acknowledged. */
function findingsIn(profile: string, change: (app: KeywardApp) => void = () => {}): string[] {
  const outdir = mkdtempSync(join(folder, `${profile}-`));
  const app = new KeywardApp({
    outdir,
    // With every kind of method that an API can have.
    deployment: { profile, sample: true, allowed_origins: ['https://console.example.com'] },
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  change(app);
  try {
    app.synth();
  } catch {
    // It stops synthesis when something is found; what it was stands in the report.
  }
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  const violations: Violation[] = pluginReports.flatMap(
    (report: { violations: Violation[] }) => report.violations,
  );
  return violations.flatMap(({ ruleName, violatingConstructs }) =>
    violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
}

test.each(PROFILES)(
  'AwsSolutions finds nothing in the stacks of %s that is not acknowledged with a reason',
  (profile) => {
    expect(findingsIn(profile)).toEqual([]);
  },
);

test('the pack does run: what nobody has acknowledged is found', () => {
  const careless = findingsIn('standard', (app) => {
    const partitionKey = { name: 'pk', type: AttributeType.STRING };
    new Table(new Stack(app, 'Careless'), 'Table', { partitionKey });
  });
  expect(careless).toEqual(['AwsSolutions-DDB3 Careless/Table/Resource']);
});

test('every reason is still needed: without it something is found', () => {
  const acknowledging = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => {});
  try {
    const found = ['standard', 'supersonic'].flatMap((profile) => findingsIn(profile));
    const rules = found.map((finding) => finding.replace(/^AwsSolutions-(\w+).*/, '$1'));
    expect([...new Set(rules)].sort()).toEqual(Object.keys(REASONS).sort());
  } finally {
    acknowledging.mockRestore();
  }
});
