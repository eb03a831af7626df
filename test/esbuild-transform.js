import { createHash } from 'node:crypto';
import { transformSync } from 'esbuild';

const options = { loader: 'ts', format: 'esm', target: 'node24', sourcemap: 'inline' };

/** Strips types for jest; esbuild is here already, for the bundles. */
export default {
  process: (source, sourcefile) => transformSync(source, { ...options, sourcefile }),
  getCacheKey: (source, sourcefile) => createHash('sha256').update(sourcefile).update(source).digest('hex'),
};
