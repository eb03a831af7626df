import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotRun } from '../cannot-run.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** One stack as CDK synthesized it. Nothing in it is resolved yet. */
export interface SynthesizedStack {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly template: JsonObject;
  /** Where the bytes of an asset lie on this machine, by the S3 key that the template names. */
  readonly assetPaths: ReadonlyMap<string, string>;
  /** The construct path of a resource, such as `Api/Authorizer`, by its logical id. */
  readonly constructPaths: ReadonlyMap<string, string>;
}

/** The environment of a stack that names none. The account is the one in AWS's documentation examples. */
export const AGNOSTIC = { account: '123456789012', region: 'us-east-1' };

/** Artifacts that do not affect what runs. */
const SILENT_ARTIFACTS = ['cdk:asset-manifest', 'cdk:tree', 'cdk:feature-flag-report'];

/** Reads every stack of an assembly. A stack comes after the stacks it depends on. */
export function readAssembly(directory: string): SynthesizedStack[] {
  const manifestPath = join(directory, 'manifest.json');
  if (!existsSync(manifestPath)) {
    throw new CannotRun(`There is no cloud assembly in ${directory}: synthesize the CDK app into it first.`);
  }
  const manifest = readJson(manifestPath);
  const [missing] = Array.isArray(manifest.missing) ? manifest.missing : [];
  if (isObject(missing)) {
    throw new CannotRun(
      `The app asks AWS for ${missing.key}: run \`npx cdk synth\` with your credentials once, so that cdk.context.json has the answer.`,
    );
  }
  const artifacts = objectAt(manifest, 'artifacts');
  const ids = Object.keys(artifacts).filter((id) => isStack(id, objectAt(artifacts, id)));
  return orderByDependency(ids, artifacts).map((id) => readStack(directory, id, artifacts));
}

function isStack(id: string, artifact: JsonObject): boolean {
  if (artifact.type === 'aws:cloudformation:stack') return true;
  if (SILENT_ARTIFACTS.includes(String(artifact.type))) return false;
  throw new CannotRun(
    `Artifact ${id} is a ${artifact.type}: the runner takes an assembly of plain stacks, without stages or nested assemblies.`,
  );
}

function orderByDependency(ids: string[], artifacts: JsonObject): string[] {
  const ordered: string[] = [];
  const visit = (id: string) => {
    if (!ids.includes(id) || ordered.includes(id)) return;
    const { dependencies } = objectAt(artifacts, id);
    if (Array.isArray(dependencies)) for (const other of dependencies) visit(String(other));
    ordered.push(id);
  };
  for (const id of ids) visit(id);
  return ordered;
}

function readStack(directory: string, id: string, artifacts: JsonObject): SynthesizedStack {
  const artifact = objectAt(artifacts, id);
  const properties = objectAt(artifact, 'properties');
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(String(artifact.environment)) ?? [];
  return {
    name: typeof properties.stackName === 'string' ? properties.stackName : id,
    account: account && account !== 'unknown-account' ? account : AGNOSTIC.account,
    region: region && region !== 'unknown-region' ? region : AGNOSTIC.region,
    template: readJson(join(directory, String(properties.templateFile))),
    assetPaths: readAssetPaths(directory, artifact, artifacts),
    constructPaths: readConstructPaths(directory, artifact),
  };
}

function readAssetPaths(directory: string, artifact: JsonObject, artifacts: JsonObject): Map<string, string> {
  const paths = new Map<string, string>();
  const dependencies = Array.isArray(artifact.dependencies) ? artifact.dependencies : [];
  for (const id of dependencies.map(String)) {
    const dependency = artifacts[id];
    if (!isObject(dependency) || dependency.type !== 'cdk:asset-manifest') continue;
    const manifest = readJson(join(directory, String(objectAt(dependency, 'properties').file)));
    for (const file of Object.values(objectAt(manifest, 'files'))) {
      if (!isObject(file)) continue;
      for (const destination of Object.values(objectAt(file, 'destinations'))) {
        if (!isObject(destination)) continue;
        paths.set(String(destination.objectKey), join(directory, String(objectAt(file, 'source').path)));
      }
    }
  }
  return paths;
}

/** The template names construct paths only when synthesized through the CLI; the metadata beside it always does. */
function readConstructPaths(directory: string, artifact: JsonObject): Map<string, string> {
  const file = artifact.additionalMetadataFile;
  const metadata = typeof file === 'string' ? readJson(join(directory, file)) : artifact.metadata;
  const paths = new Map<string, string>();
  for (const [path, entries] of Object.entries(isObject(metadata) ? metadata : {})) {
    for (const entry of Array.isArray(entries) ? entries : []) {
      if (!isObject(entry) || entry.type !== 'aws:cdk:logicalId') continue;
      paths.set(String(entry.data), path.replace(/^\//, '').replace(/\/(Resource|Default)$/, ''));
    }
  }
  return paths;
}

function readJson(path: string): JsonObject {
  const value: Json = JSON.parse(readFileSync(path, 'utf8'));
  if (!isObject(value)) throw new CannotRun(`${path} holds no JSON object.`);
  return value;
}

function objectAt(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isObject(value) ? value : {};
}
