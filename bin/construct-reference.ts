import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API, type Project, type Symbol as TsSymbol } from 'typescript/unstable/sync';

/** What stands in the docstring of something. Each is one line, in Markdown. */
export interface Docs {
  readonly purpose: string;
  readonly default: string | undefined;
  readonly throws: string | undefined;
}

/** A prop, a property or a method. */
export interface Member extends Docs {
  readonly name: string;
  /** As it is written, without its body. */
  readonly signature: string;
  readonly isOptional: boolean;
}

/** Something that `keyward/cdk` exports. */
export interface Exported extends Docs {
  readonly name: string;
  readonly kind: 'class' | 'function' | 'interface' | 'type';
  /** Those that Keyward declares, and not those of CDK's that are inherited. */
  readonly members: readonly Member[];
}

const ROOT = join(import.meta.dirname, '..');
const LIB = join(ROOT, 'lib/');

/**
 * Reads what `keyward/cdk` exports, by the compiler's own view of it: props that an interface inherits or picks count as its own.
 *
 * The interface is marked as unstable, and TypeScript 7 has no other one: what it exports by its own name is its version. TypeDoc
 * would need an older compiler beside it, which might read the code in another way. The version is exact in `package.json`, and
 * `test/bin/construct-reference.test.ts` fails where a newer one changes the interface.
 */
export function readConstructs(): readonly Exported[] {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-constructs-'));
  const config = join(folder, 'tsconfig.json');
  // The compiler would otherwise read every file of the repository.
  const files = [join(LIB, 'index.ts')];
  writeFileSync(config, JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), files, include: [] }));
  const api = new API({ cwd: ROOT });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`The compiler does not open ${config}.`);
    const all = exportsOf(readFileSync(join(LIB, 'index.ts'), 'utf8')).map(({ name, file }) =>
      readExported(project, name, join(LIB, file)),
    );
    return all.map((each) => (each.kind === 'class' ? withDocsOfInterfaces(each, all) : each));
  } finally {
    api.close();
    rmSync(folder, { recursive: true });
  }
}

/** A class says of a member what the interface says that it implements. */
function withDocsOfInterfaces(exported: Exported, all: readonly Exported[]): Exported {
  const described = all.filter(({ kind, name }) => kind === 'interface' && !name.endsWith('Props'));
  const members = exported.members.map((member) => {
    if (member.purpose !== '') return member;
    const found = described.flatMap((each) => each.members).find(({ name }) => name === member.name);
    return { ...member, purpose: found?.purpose ?? '' };
  });
  return { ...exported, members };
}

function exportsOf(index: string): { readonly name: string; readonly file: string }[] {
  return [...index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)';/g)].flatMap(
    ([, names = '', file = '']) =>
      names
        .split(',')
        .map((text) => text.replace('type ', '').trim())
        .filter((name) => name !== '')
        .map((name) => ({ name, file })),
  );
}

function readExported(project: Project, name: string, file: string): Exported {
  const text = readFileSync(file, 'utf8');
  const declared = new RegExp(
    `^export (?:abstract )?(class|function|interface|type) (?=${name}\\b)`,
    'm',
  ).exec(text);
  const symbol = declared && project.checker.getSymbolAtPosition(file, declared.index + declared[0].length);
  if (declared === null || symbol == null) throw new Error(`${file} does not declare ${name}.`);
  const before = text.slice(0, declared.index);
  const docs = readDocs(before.slice(before.lastIndexOf('\n\n') + 1));
  const kind = declared[1] as Exported['kind'];
  const type = project.checker.getDeclaredTypeOfSymbol(symbol);
  const properties = kind === 'function' ? [] : project.checker.getPropertiesOfType(type);
  return { name, kind, ...docs, members: properties.flatMap(readMember) };
}

function readMember({ name, declarations }: TsSymbol): Member[] {
  const [declaration] = declarations;
  // A path of the compiler's may be in lower case, where the file system does not tell.
  if (declaration === undefined || !declaration.path.toLowerCase().startsWith(LIB.toLowerCase())) return [];
  const node = declaration.resolve();
  if (node === undefined || name.includes('#')) return [];
  const text = readFileSync(declaration.path, 'utf8').slice(node.pos, node.end);
  const code = text.replace(/^\s*\/\*\*[\s\S]*?\*\//, '').trim();
  if (/^(?:private|protected|override)/.test(code) || text.includes('@internal')) return [];
  const signature = signatureOf(code);
  return [{ name, signature, isOptional: /^\S+\?/.test(signature), ...readDocs(text) }];
}

/** A declaration on one line, without its body and without words that say nothing to a reader. */
function signatureOf(code: string): string {
  const [head = ''] = code.split(/ \{\n| = (?!\{\})/);
  return head
    .replaceAll(/\s+/g, ' ')
    .replace(/^readonly /, '')
    .replace(/ \| undefined;?$/, '')
    .replace(/;$/, '');
}

function readDocs(text: string): Docs {
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim());
  const [purpose = '', ...tags] = lines.join('\n').split(/\n(?=@)|^(?=@)/);
  const tag = (name: string) => {
    const found =
      tags.find((each) => each.startsWith(`@${name}`)) ?? (purpose.startsWith(`@${name}`) ? purpose : '');
    return found === '' ? undefined : inline(found.slice(name.length + 1));
  };
  return {
    purpose: purpose.startsWith('@') ? '' : inline(purpose),
    default: tag('default'),
    throws: tag('throws'),
  };
}

function inline(text: string): string {
  return text
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
