import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { FieldMistake } from '../../core/text/field-mistakes.ts';

/** A mistake and its place in the file. Lines and columns count from 1. */
export interface PlacedMistake {
  readonly line: number;
  readonly column: number;
  readonly sentence: string;
}

/** A mistake in the data of a file. One that is a disagreement is about more fields than that at its path. */
export type DataMistake = Pick<FieldMistake, 'path' | 'sentence'> & {
  readonly kind: FieldMistake['kind'] | 'disagreement';
};

/** What the data of a file says, or its mistakes in any order. */
export type ReadData<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly DataMistake[] };

/** The same of the file's text: the mistakes of JSON are among them, in the order of the file. */
export type ReadText<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly [PlacedMistake, ...PlacedMistake[]] };

const BYTE_ORDER_MARK = '\uFEFF';

/** Far more than any file needs, and little enough to parse at once. */
const LONGEST_FILE = 128 * 1024;
const DEEPEST_NESTING = 64;

/**
 * Reads the text of a JSON file that people write. Broken JSON is read as far as possible, so one run tells mistakes of JSON
 * and of the data.
 * @param readData finds every mistake in the data.
 */
export function readJsonText<Value>(
  text: string,
  readData: (data: unknown) => ReadData<Value>,
): ReadText<Value> {
  const hasMark = text.startsWith(BYTE_ORDER_MARK);
  // A blank in its place keeps every position.
  const json = hasMark ? ` ${text.slice(1)}` : text;
  const place = placesIn(json);
  const excess = findExcess(json);
  if (excess !== undefined) return { kind: 'mistakes', mistakes: [place(excess)] };
  const found: ParseError[] = [];
  const tree = parseTree(json, found, { disallowComments: true, allowTrailingComma: false });
  // The parser reports one comma, or one word, several times.
  const stumbles = found.map((error) => readSyntaxError(error, json));
  const errors = firstOfEach(stumbles, ({ offset }) => offset);
  const harmless = new Set(errors.filter((error) => isHarmless(error, json)));
  const torn = errors.filter((error) => !harmless.has(error));
  const syntax = [...harmless].map((error) => place(describeSyntaxMistake(error, json)));
  // Where JSON is torn, the parser reports one mistake several times.
  const tornPlaces = torn.map((error) => place(describeSyntaxMistake(error, json)));
  syntax.push(...firstOfEach(tornPlaces, ({ line }) => line));
  if (hasMark)
    syntax.push(
      place({ offset: 0, sentence: 'The file starts with a byte order mark: save it as UTF-8 without one.' }),
    );
  if (tree === undefined) return sortMistakes(syntax);
  const twice = findRepeatedNames(tree).map(place);
  const data: unknown = getNodeValue(tree);
  const read = readData(data);
  const rest = (read.kind === 'mistakes' ? read.mistakes : [])
    .filter((mistake) => torn.length === 0 || isCertain(mistake, tree, torn))
    .map((mistake) => place({ offset: findOffset(tree, mistake), sentence: mistake.sentence }));
  const mistakes = [...syntax, ...twice, ...rest];
  return mistakes.length === 0 && read.kind === 'value' ? read : sortMistakes(mistakes);
}

function firstOfEach<Thing>(things: readonly Thing[], keyOf: (thing: Thing) => number): Thing[] {
  return [...Map.groupBy(things, keyOf).values()].flatMap(([first]) => first ?? []);
}

/**
 * Tells whether a mistake is one for sure. Where JSON is torn, a missing field may be there after all, fields that seem to
 * disagree may be others, and a torn value may be right.
 */
function isCertain({ kind, path }: DataMistake, tree: Node, torn: readonly SyntaxMistake[]): boolean {
  if (kind === 'unknown') return true;
  const value = kind === 'wrong' ? findNodeAtLocation(tree, [...path]) : undefined;
  if (value === undefined) return false;
  return !torn.some(({ offset }) => value.offset <= offset && offset <= value.offset + value.length);
}

function sortMistakes(mistakes: readonly PlacedMistake[]): ReadText<never> {
  const [first, ...others] = mistakes.toSorted(
    (one, other) => one.line - other.line || one.column - other.column,
  );
  if (first === undefined) throw new Error('There is no mistake to tell.');
  return { kind: 'mistakes', mistakes: [first, ...others] };
}

interface FoundMistake {
  readonly offset: number;
  readonly sentence: string;
}

interface SyntaxMistake {
  /** The parser's name for it. */
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** An error inside a word, such as `0x1E`, `05` or `True`, is about the whole word. */
const WORD_ERRORS = ['InvalidSymbol', 'UnexpectedEndOfNumber', 'CommaExpected', 'PropertyNameExpected'];
const LONGEST_WORD = 64;
const BEFORE = /[^\s,:{}[\]"]*$/;
const BEHIND = /^[^\s,:{}[\]"]*/;

function readSyntaxError({ error, offset, length }: ParseError, json: string): SyntaxMistake {
  const name = printParseErrorCode(error);
  const before = BEFORE.exec(json.slice(Math.max(0, offset - LONGEST_WORD), offset))?.[0] ?? '';
  const behind = BEHIND.exec(json.slice(offset, offset + LONGEST_WORD))?.[0] ?? '';
  if (!WORD_ERRORS.includes(name) || before === '' || behind === '') return { name, offset, length };
  return { name: 'InvalidSymbol', offset: offset - before.length, length: before.length + behind.length };
}

/** Tells whether it is clear what was meant in spite of a mistake of syntax. */
function isHarmless(error: SyntaxMistake, json: string): boolean {
  const { name } = error;
  return name === 'InvalidCommentToken' || name === 'CommaExpected' || isTrailingComma(error, json);
}

function isTrailingComma({ offset, length }: SyntaxMistake, json: string): boolean {
  return /^[}\]]$/.test(json.slice(offset, offset + length)) && json.slice(0, offset).trimEnd().endsWith(',');
}

function describeSyntaxMistake(error: SyntaxMistake, json: string): FoundMistake {
  if (!isTrailingComma(error, json)) return { offset: error.offset, sentence: syntaxSentence(error, json) };
  const sentence = `JSON has no comma before ${json[error.offset]}: take this one away.`;
  return { offset: json.lastIndexOf(',', error.offset), sentence };
}

/** The sentences, by the parser's names of the mistakes. */
const SENTENCES: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'JSON has no comments: take this one away.',
  PropertyNameExpected: 'The name of a field must stand here, in double quotes.',
  ColonExpected: 'A colon must stand between the name of a field and its value.',
  CommaExpected: 'A comma must stand between two fields, and between two values of a list.',
  CloseBraceExpected: 'The object is not closed: a } is missing.',
  CloseBracketExpected: 'The list is not closed: a ] is missing.',
  EndOfFileExpected: 'The object ends before this. Nothing may follow it.',
  ValueExpected: 'A value is missing here.',
  UnexpectedEndOfComment: 'JSON has no comments, and this one is not closed.',
  UnexpectedEndOfString: 'The text is not closed: a double quote is missing on this line.',
  InvalidUnicode: 'JSON does not know this escape: \\u is followed by four hexadecimal digits.',
  InvalidEscapeCharacter: 'JSON does not know this escape: a backslash itself is written twice.',
  InvalidCharacter: 'A text may hold no control characters: a line break is written \\n, a tab \\t.',
};

function syntaxSentence({ name, offset, length }: SyntaxMistake, json: string): string {
  if (json.trim() === '') return 'The file is empty.';
  const found = /^'[^'\r\n]*'/.exec(json.slice(offset))?.[0] ?? json.slice(offset, offset + length);
  return (
    SENTENCES[name] ??
    `${found} is not valid JSON. ${/^[+-]?\.?\d/.test(found) ? 'Write numbers such as 30.' : 'Put names and texts in double quotes.'}`
  );
}

/** Finds a text that would take the parser too long, or nests too deep. */
function findExcess(json: string): FoundMistake | undefined {
  if (json.length > LONGEST_FILE)
    return {
      offset: 0,
      sentence: `The file is longer than ${LONGEST_FILE} characters, which none needs.`,
    };
  let depth = 0;
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > DEEPEST_NESTING)
      return { offset: index, sentence: `Objects and lists stand more than ${DEEPEST_NESTING} deep here.` };
  }
  return undefined;
}

/** Finds fields that stand twice in one object. JSON would silently use the last. */
function findRepeatedNames(node: Node): FoundMistake[] {
  const children = node.children ?? [];
  const names = node.type === 'object' ? children.flatMap(({ children: [name] = [] }) => name ?? []) : [];
  const seen = new Set<unknown>();
  const own = names.filter(({ value }) => seen.size === seen.add(value).size);
  const repeated = own.map(({ offset, value }) => ({
    offset,
    sentence: `The field ${JSON.stringify(value)} stands twice in one object.`,
  }));
  return [...repeated, ...children.flatMap(findRepeatedNames)];
}

/** A missing field is shown at the object that lacks it, and an unknown field at its name. */
function findOffset(tree: Node, { kind, path }: DataMistake): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    const isTooMuch = length === path.length && kind === 'unknown';
    return isTooMuch && node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return tree.offset;
}

function placesIn(text: string): (mistake: FoundMistake) => PlacedMistake {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|[\n\r]/g), ({ 0: end, index }) => index + end.length)];
  return ({ offset, sentence }) => {
    const line = starts.findLastIndex((start) => start <= offset) + 1;
    return { line, column: offset - (starts[line - 1] ?? 0) + 1, sentence };
  };
}
