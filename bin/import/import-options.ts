import { type Command, InvalidArgumentError, Option } from 'commander';
import { addNote } from '../commands/help-words.ts';
import { COLUMNS, type Column, type ColumnChoices, FORMATS, type Format } from './source-row.ts';

/** What both commands that import keys are told. */
export interface ImportFileOptions {
  readonly format?: Format;
  readonly dryRun: boolean;
  readonly report?: string;
  readonly choices: ColumnChoices;
}

/** The fields that a whole file may have in common, by the name of their option. */
const DEFAULTS = {
  algorithm: 'algorithm',
  encoding: 'encoding',
  shape: 'shape',
  scopes: 'scopes',
  createdBy: 'created_by',
} as const satisfies Readonly<Record<string, Column>>;

/** @returns the option that says for a whole file what a row may lack; `undefined` where there is none. */
export function optionFor(field: string): string | undefined {
  const isCommon = Object.values(DEFAULTS).some((common) => common === field);
  return isCommon ? `--${field.replaceAll('_', '-')}` : undefined;
}

type Chosen = { readonly [Name in keyof typeof DEFAULTS]?: string } & {
  readonly format?: Format;
  readonly column?: ColumnChoices['renamed'];
  readonly ignore?: readonly string[];
  readonly dryRun?: boolean;
  readonly report?: string;
};

/** Adds the options that say what is in the file. @returns a function that reads them. */
export function addImportOptions(command: Command): () => ImportFileOptions {
  command
    .addOption(
      new Option('--format <format>', 'what the file is, where its name does not tell').choices(FORMATS),
    )
    .option(
      '--column <field=name>',
      'the column that holds a field, where the file calls it otherwise; may be given several times',
      addColumn,
    )
    .option('--ignore <name>', 'a column to leave out; may be given several times', addName)
    .addOption(
      new Option('--algorithm <name>', 'the algorithm of rows that name none').choices(['sha256', 'bcrypt']),
    )
    .addOption(
      new Option('--encoding <name>', 'the encoding of rows that name none').choices([
        'hex',
        'base64',
        'base64url',
      ]),
    )
    .option('--shape <name>', 'the shape of rows that name none: issued, or one in api_key.accepts')
    .option('--scopes <names>', 'the scopes of rows that name none, with commas between')
    .option('--created-by <user id>', 'the member in whose name rows are issued that name nobody')
    .option('--dry-run', 'only tell what would be imported')
    .option('--report <file>', 'write the skipped rows there, a line of JSON each; otherwise on stderr');
  addNote(command, SHAPES);
  return () => readOptions(command.opts<Chosen>());
}

const SHAPES =
  '\nA hash without a shape counts as one of a key that this product itself issues. A key of an older shape works only if the product’s profile names that shape in api_key.accepts: docs/migrate shows how, for four systems.';

function readOptions({
  format,
  column = {},
  ignore = [],
  dryRun = false,
  report,
  ...texts
}: Chosen): ImportFileOptions {
  const defaults = Object.entries(DEFAULTS).flatMap(([name, field]) => {
    const text = texts[name as keyof typeof DEFAULTS];
    return text === undefined ? [] : [[field, text]];
  });
  return {
    dryRun,
    choices: { renamed: column, ignored: new Set(ignore), defaults: Object.fromEntries(defaults) },
    ...(format !== undefined && { format }),
    ...(report !== undefined && { report }),
  };
}

function addColumn(text: string, renamed: ColumnChoices['renamed'] = {}): ColumnChoices['renamed'] {
  const at = text.indexOf('=');
  const [field, name] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || name === '' || !COLUMNS.some((known) => known === field))
    throw new InvalidArgumentError(
      `It must be a field, =, and the name of a column. Fields are ${COLUMNS.join(', ')}.`,
    );
  return { ...renamed, [field]: name };
}

function addName(text: string, names: readonly string[] = []): readonly string[] {
  return [...names, text];
}
