/** The parts of a `package.json` that the package needs. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What only those need who work on Keyward. */
const LEFT_OUT = ['private', 'scripts', 'devDependencies', 'optionalDependencies', 'allowScripts'];

/** The oldest Node that has all functions of Node that Keyward calls. In the repository, `engines` is about npm alone. */
const ENGINES = { node: '>=22.15' };

/**
 * Makes the manifest of the package from that of the repository.
 * @returns it, and the compiled files that others may import.
 */
export function packageManifest({ exports, imports, ...manifest }: Manifest): {
  readonly manifest: object;
  readonly entries: readonly string[];
} {
  const kept = Object.entries(manifest).filter(([field]) => !LEFT_OUT.includes(field));
  return {
    entries: Object.values(exports).filter(isSource).map(compiled),
    manifest: {
      ...Object.fromEntries(kept),
      engines: ENGINES,
      exports: mapValues(exports, (file) => (isSource(file) ? conditionsOf(compiled(file)) : file)),
      imports: mapValues(imports, compiled),
    },
  };
}

/**
 * `module-sync` is for every Node that can `require` an ES module, and so for a `require` there too. `require` is for the
 * tools that cannot, which get a sentence.
 */
function conditionsOf(file: string): object {
  return {
    types: file.replace(/\.js$/, '.d.ts'),
    'module-sync': file,
    import: file,
    require: './bin/commonjs.cjs',
    default: file,
  };
}

function isSource(file: string): boolean {
  return file.endsWith('.ts');
}

function compiled(file: string): string {
  return file.replace(/\.ts$/, '.js');
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
