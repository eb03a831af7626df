import { basename } from 'node:path';
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import type { ProfileMistake } from '../core/invalid.ts';
import type { Profile } from '../core/profile.ts';
import { readProfile } from '../core/profile-shape.ts';

/** A mistake, and where it stands in the file. Lines and columns are counted from 1. */
export interface PlacedMistake {
  readonly line: number;
  readonly column: number;
  readonly sentence: string;
}

/** A profile, or every mistake in its file in the order of the file. */
export type ReadProfileText =
  | { readonly kind: 'profile'; readonly profile: Profile }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly [PlacedMistake, ...PlacedMistake[]] };

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads the text of a profile's file. What is no JSON is read as far as it can be, so that mistakes of both kinds are told at once.
 * @param path of the file, which the profile is called after.
 */
export function readProfileText(text: string, path: string): ReadProfileText {
  const hasMark = text.startsWith(BYTE_ORDER_MARK);
  // A blank in its place keeps every position.
  const json = hasMark ? ` ${text.slice(1)}` : text;
  const found: ParseError[] = [];
  const tree = parseTree(json, found, { disallowComments: true, allowTrailingComma: false });
  const place = placesIn(json);
  // The parser stumbles twice over one comma.
  const errors = found.filter(
    ({ offset }, index) => found.findIndex((each) => each.offset === offset) === index,
  );
  const harmless = errors.filter((error) => isHarmless(error, json));
  const torn = errors.filter((error) => !harmless.includes(error));
  const syntax = harmless.map((error) => place(syntaxMistake(error, json)));
  syntax.push(...firstOfEachLine(torn.map((error) => place(syntaxMistake(error, json)))));
  if (hasMark)
    syntax.push(
      place({ offset: 0, sentence: 'The file starts with a byte order mark: save it as UTF-8 without one.' }),
    );
  if (tree === undefined) return told(syntax);
  const twice = repeatedNames(tree).map(place);
  const data: unknown = getNodeValue(tree);
  const read = readProfile(data);
  const rules = [...(read.kind === 'mistakes' ? read.mistakes : []), ...misnamed(data, path)];
  const rest = rules
    .filter((mistake) => torn.length === 0 || isFound(mistake))
    .map(({ path, sentence }) => place({ offset: offsetOf(tree, { path, sentence }), sentence }));
  const mistakes = [...syntax, ...twice, ...rest];
  return mistakes.length === 0 && read.kind === 'profile' ? read : told(mistakes);
}

/** Where JSON is torn, the parser stumbles several times over one mistake. */
function firstOfEachLine(mistakes: readonly PlacedMistake[]): PlacedMistake[] {
  return mistakes.filter(({ line }, index) => mistakes.findIndex((each) => each.line === line) === index);
}

/** Where JSON is torn, what is missing may be there, and parts that seem to disagree may be other ones. */
function isFound(mistake: ProfileMistake): boolean {
  return !('between' in mistake) && !mistake.sentence.endsWith('must be given.');
}

function told(mistakes: readonly PlacedMistake[]): ReadProfileText {
  const [first, ...others] = mistakes.toSorted(
    (one, other) => one.line - other.line || one.column - other.column,
  );
  if (first === undefined) throw new Error('There is no mistake to tell.');
  return { kind: 'mistakes', mistakes: [first, ...others] };
}

/** A product is known by one name: to people who deploy it, to its stacks and to its guards. */
function misnamed(data: unknown, path: string): ProfileMistake[] {
  const { name } = (data ?? {}) as { readonly name?: unknown };
  if (typeof name !== 'string' || basename(path) === `${name}.json`) return [];
  const sentence = `The profile in ${path} calls itself ${name}: call the file ${name}.json, or change its name.`;
  return [{ path: ['name'], sentence }];
}

interface FoundMistake {
  readonly offset: number;
  readonly sentence: string;
}

/** Whether a mistake of syntax leaves no doubt about what was meant. */
function isHarmless(error: ParseError, json: string): boolean {
  const name = printParseErrorCode(error.error);
  return name === 'InvalidCommentToken' || name === 'CommaExpected' || isTrailingComma(error, json);
}

function isTrailingComma({ offset, length }: ParseError, json: string): boolean {
  return /^[}\]]$/.test(json.slice(offset, offset + length)) && /,\s*$/.test(json.slice(0, offset));
}

function syntaxMistake(error: ParseError, json: string): FoundMistake {
  if (!isTrailingComma(error, json)) return { offset: error.offset, sentence: syntaxSentence(error, json) };
  const sentence = `JSON has no comma before ${json[error.offset]}: take this one away.`;
  return { offset: json.lastIndexOf(',', error.offset), sentence };
}

/** By the names that the parser has for what it stumbles over. */
const SENTENCES: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'JSON has no comments: take this one away.',
  PropertyNameExpected: 'The name of a field must stand here, in double quotes.',
  ColonExpected: 'A colon must stand between the name of a field and its value.',
  CommaExpected: 'A comma must stand between two fields, and between two values of a list.',
  CloseBraceExpected: 'The object is not closed: a } is missing.',
  CloseBracketExpected: 'The list is not closed: a ] is missing.',
  EndOfFileExpected: 'The profile has ended before: nothing may follow it.',
  ValueExpected: 'A value is missing here.',
  UnexpectedEndOfComment: 'JSON has no comments, and this one is not closed.',
  UnexpectedEndOfString: 'The text is not closed: a double quote is missing on this line.',
  InvalidUnicode: 'JSON does not know this escape: \\u is followed by four hexadecimal digits.',
  InvalidEscapeCharacter: 'JSON does not know this escape: a backslash itself is written twice.',
  InvalidCharacter: 'A text may hold no control characters: a line break is written \\n, a tab \\t.',
};

function syntaxSentence({ error, offset, length }: ParseError, json: string): string {
  if (json.trim() === '') return 'The file is empty.';
  const found = json.slice(offset, offset + length);
  return (
    SENTENCES[printParseErrorCode(error)] ??
    `${found} is no JSON: texts and names stand in double quotes, and only true, false, null and numbers without.`
  );
}

/** JSON would take the last of them, without a word. */
function repeatedNames(node: Node): FoundMistake[] {
  const children = node.children ?? [];
  const names = node.type === 'object' ? children.flatMap(({ children: [name] = [] }) => name ?? []) : [];
  const own = names.filter((name, index) => names.findIndex(({ value }) => value === name.value) !== index);
  const told = own.map(({ offset, value }) => ({
    offset,
    sentence: `The field ${JSON.stringify(value)} stands twice in one object.`,
  }));
  return [...told, ...children.flatMap(repeatedNames)];
}

/** What is missing is shown at the object that lacks it, and what is too much at its name. */
function offsetOf(tree: Node, { path, sentence }: ProfileMistake): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    const isTooMuch = length === path.length && sentence.includes('must be left out');
    return isTooMuch && node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return tree.offset;
}

function placesIn(text: string): (mistake: FoundMistake) => PlacedMistake {
  return ({ offset, sentence }) => {
    const lines = text.slice(0, offset).split(/\r\n|[\n\r]/);
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, sentence };
  };
}
