import { globSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { isObject, type Json } from '../assembly/json.ts';
import type { ResolvedResource, ResolvedStack } from '../assembly/resolved-stack.ts';
import { CannotRun } from '../cannot-run.ts';

/** A file of a bucket. */
export interface StoredFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** The value of `Cache-Control`; undefined where the deployment says none. */
  readonly cacheControl: string | undefined;
}

/** Bucket → key → file. */
export type StoredFiles = ReadonlyMap<string, ReadonlyMap<string, StoredFile>>;

const DEPLOYMENT = 'Custom::CDKBucketDeployment';

/** What the sources of a bucket deployment hold: folders of the assembly. Later deployments replace files of earlier ones. */
export function readStoredFiles(stacks: readonly ResolvedStack[]): StoredFiles {
  const buckets = new Map<string, Map<string, StoredFile>>();
  for (const stack of stacks) {
    for (const deployment of stack.resources.filter(({ type }) => type === DEPLOYMENT)) {
      const name = deployment.properties.text('DestinationBucketName');
      const bucket = buckets.get(name) ?? new Map<string, StoredFile>();
      buckets.set(name, bucket);
      for (const [key, file] of filesOf(deployment, stack)) bucket.set(key, file);
    }
  }
  return buckets;
}

function filesOf({ id, properties }: ResolvedResource, stack: ResolvedStack): [string, StoredFile][] {
  const prefix = properties.optionalText('DestinationBucketKeyPrefix');
  const cacheControl = properties.object('SystemMetadata').optionalText('cache-control');
  const markers = properties.list('SourceMarkers');
  return properties.textList('SourceObjectKeys').flatMap((source, index) => {
    const folder = stack.assetPaths.get(source);
    if (folder === undefined) throw new CannotRun(`${id}: its source ${source} is not in this assembly.`);
    return pathsIn(folder).map((path): [string, StoredFile] => {
      const key = [...(prefix === undefined ? [] : [prefix]), ...relative(folder, path).split(sep)].join('/');
      const bytes = fillMarkers(readFileSync(path), markers[index]);
      return [key, { bytes, contentType: contentTypeOf(path), cacheControl }];
    });
  });
}

function pathsIn(folder: string): string[] {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Values that are known only when a stack is deployed stand in its files as markers. */
function fillMarkers(bytes: Buffer, markers: Json | undefined): Buffer {
  const values = Object.entries(isObject(markers) ? markers : {});
  if (values.length === 0) return bytes;
  const text = values.reduce(
    (filled, [marker, value]) => filled.replaceAll(marker, () => JSON.stringify(String(value)).slice(1, -1)),
    bytes.toString('utf8'),
  );
  return Buffer.from(text);
}

/** The types that the bucket deployment gives to files of a page. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.woff2': 'font/woff2',
};

function contentTypeOf(path: string): string {
  return CONTENT_TYPES[extname(path)] ?? 'binary/octet-stream';
}
