import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUBSTITUTIONS, type Template } from './substitutions.ts';

const TEMPLATE = /\.template\.json$/;

export function templatesIn(assembly: string): string[] {
  return readdirSync(assembly).filter((name) => TEMPLATE.test(name));
}

/**
 * Copies an assembly and puts into its templates what the emulator can take. The CDK CLI stores a template under its hash, which
 * therefore changes wherever it stands.
 * @returns the names of the substitutions that were needed.
 */
export function substituteIn(assembly: string, copy: string): Set<string> {
  cpSync(assembly, copy, { recursive: true });
  const used = new Set<string>();
  for (const name of templatesIn(copy)) {
    const file = join(copy, name);
    const before = readFileSync(file, 'utf8');
    let template: Template = JSON.parse(before);
    for (const substitution of SUBSTITUTIONS) {
      const substituted = substitution.apply(template);
      if (substituted !== template) used.add(substitution.name);
      template = substituted;
    }
    const after = JSON.stringify(template);
    writeFileSync(file, after);
    for (const index of ['manifest.json', name.replace(TEMPLATE, '.assets.json')])
      replaceInFile(join(copy, index), hashOf(before), hashOf(after));
  }
  return used;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function replaceInFile(file: string, old: string, replacement: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(old, replacement));
}
