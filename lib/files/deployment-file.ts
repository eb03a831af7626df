import { dirname, relative, resolve } from 'node:path';
import * as v from 'valibot';
import { dropMisspeltFields, readIssues } from '../../core/text/field-mistakes.ts';
import { findDeploymentDisagreements } from './deployment-agreement.ts';
import { type DeploymentData, type DeploymentFile, deploymentSchema } from './deployment-schema.ts';
import { type ReadData, readJsonText } from './json-text.ts';
import { isProfilePath } from './profile-file.ts';
import { type Settings, settingsOf } from './settings.ts';
import { readTextFile } from './text-file.ts';

/** A deployment that is not valid. The message says what was expected. */
export class InvalidDeployment extends Error {
  override readonly name = 'InvalidDeployment';
}

/** The file that says what a deployment is, in the folder of `cdk.json`. */
export const DEPLOYMENT_FILE = 'keyward.json';

/**
 * Reads the file of a deployment. The path of a profile in it starts at the folder of the file.
 * @throws {InvalidDeployment} where the file cannot be read, or with a line for each mistake.
 */
export function readDeploymentFile(path: string = DEPLOYMENT_FILE): Settings {
  const file = readTextFile(resolve(path));
  if (file.kind === 'unreadable') {
    const example = file.isMissing ? ' It says what is deployed, such as { "profile": "standard" }.' : '';
    throw new InvalidDeployment(`${file.sentence}${example}`, { cause: file.cause });
  }
  const read = file.kind === 'text' ? readJsonText(file.text, readData) : file;
  if (read.kind === 'value') return settingsOf({ ...read.value, profile: profileBeside(path, read.value) });
  const lines = read.mistakes.map(
    ({ line, column, sentence }) => `${relative('', path)}:${line}:${column}: ${sentence}`,
  );
  throw new InvalidDeployment(lines.join('\n'));
}

/**
 * As {@link readDeploymentFile}, for what a program says in place of a file.
 * @throws {InvalidDeployment}
 */
export function readDeployment(deployment: DeploymentFile): Settings {
  const read = readData(deployment);
  if (read.kind === 'value') return settingsOf(read.value);
  throw new InvalidDeployment(read.mistakes.map(({ sentence }) => sentence).join('\n'));
}

function readData(data: unknown): ReadData<DeploymentData> {
  const parsed = v.safeParse(deploymentSchema, data);
  if (!parsed.success) {
    const mistakes = readIssues(parsed.issues, { schema: deploymentSchema, subject: 'deployment' });
    return { kind: 'mistakes', mistakes: dropMisspeltFields(mistakes) };
  }
  const mistakes = findDeploymentDisagreements(parsed.output);
  return mistakes.length > 0 ? { kind: 'mistakes', mistakes } : { kind: 'value', value: parsed.output };
}

function profileBeside(path: string, { profile }: DeploymentData): string {
  return isProfilePath(profile) ? resolve(dirname(path), profile) : profile;
}
