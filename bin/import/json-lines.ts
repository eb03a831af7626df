import type { Readable } from 'node:stream';
import { isObject } from '../../core/text/invalid-input.ts';
import { makeRow } from './row-fields.ts';
import { type ColumnChoices, fieldNames, type ReadRow } from './source-row.ts';
import { decodeUtf8 } from './utf8.ts';

/** Reads a JSON object from each line. Blank lines are skipped. */
export async function* readJsonLines(stream: Readable, choices: ColumnChoices): AsyncGenerator<ReadRow> {
  const nameOf = fieldNames(choices);
  let line = 0;
  for await (const text of linesOf(stream)) {
    line += 1;
    if (text.trim() === '') continue;
    const value = parseObject(text);
    if (value === undefined) {
      yield { line, sentence: 'It is no JSON object.' };
      continue;
    }
    const named = Object.entries(value).flatMap(([member, each]) => {
      const field = nameOf(member);
      return field === undefined ? [] : [[field, each] as const];
    });
    yield makeRow(choices, { line, values: named });
  }
}

/** No row is longer. A file without line breaks must not fill the memory. */
const LONGEST_LINE = 1_000_000;

/** Breaks lines at line feeds only: JSON may hold other separators inside a text. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of decodeUtf8(stream)) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error(`A line is longer than ${LONGEST_LINE} characters.`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseObject(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
