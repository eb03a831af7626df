import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const DOCS = join(import.meta.dirname, '..', 'docs');

/** Puts texts between the markers of a page in `docs/`. @throws where the page has no place for one of them. */
export function fillPage(name: string, texts: ReadonlyMap<string, string>): void {
  const file = join(DOCS, name);
  let page = readFileSync(file, 'utf8');
  for (const [place, text] of texts) page = fill(page, { file, place, text });
  writeFileSync(file, page);
}

function fill(
  page: string,
  { file, place, text }: { readonly file: string; readonly place: string; readonly text: string },
): string {
  const start = `<!-- figures: ${place} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf('<!-- end -->', from);
  if (from === -1 || to === -1)
    throw new Error(`docs/${basename(file)} has no place for the figures of ${place}.`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}

export type Alignment = 'left' | 'right';

/** A table with aligned columns. */
export function tableLines(
  alignments: readonly Alignment[],
  [headings, ...rows]: readonly (readonly string[])[],
): string[] {
  const all = [headings ?? [], ...rows];
  const widths = alignments.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellsOf = (row: readonly string[]) =>
    alignments.map((alignment, column) => {
      const [text, width] = [row[column] ?? '', widths[column] ?? 0];
      return alignment === 'left' ? text.padEnd(width) : text.padStart(width);
    });
  const rule = alignments.map((alignment, column) => {
    const width = widths[column] ?? 0;
    return alignment === 'left' ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`;
  });
  return [line(cellsOf(headings ?? [])), line(rule), ...rows.map((row) => line(cellsOf(row)))];
}
