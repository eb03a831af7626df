import * as v from 'valibot';
import { isToolName } from '../access/action-pattern.ts';
import { isObject } from '../text/invalid-input.ts';
import { hasSomethingVisible, isPrintable } from '../text/visible-text.ts';
import { type ConsoleRules, EXPIRY_DAYS } from './console.ts';

const label = (longest: number) => {
  const expected = `a text of 1 to ${longest} characters on one line`;
  return v.pipe(
    v.string(expected),
    v.maxLength(longest, expected),
    v.check((text) => hasSomethingVisible(text) && isPrintable(text) && text === text.trim(), expected),
  );
};

const ACCENT = 'a colour such as #2457d6: # and six digits from 0 to 9 and a to f';
const LOGO = 'the name of an SVG or PNG file beside the profile, such as logo.svg';
const TOOL = 'the name of a tool, such as "records.list"';
const ARGUMENTS = 'an object of JSON values';

const list = <const Item extends v.GenericSchema>(item: Item, { most, of }: { most: number; of: string }) => {
  const expected = `a list of at most ${most} ${of}`;
  return v.pipe(v.array(item, expected), v.maxLength(most, expected));
};

/** How the console looks for a product. Every field may be left out. */
export const consoleSchema = v.strictObject({
  product: v.exactOptional(label(60)),
  place: v.exactOptional(
    v.pipe(
      list(label(40), { most: 4, of: 'texts' }),
      v.minLength(1, 'a list of at least one text, such as ["Settings", "API Keys"]'),
    ),
  ),
  create_label: v.exactOptional(label(40)),
  words: v.exactOptional(v.strictObject({ workspace: label(30), workspaces: label(30) })),
  accent: v.exactOptional(v.pipe(v.string(ACCENT), v.regex(/^#[0-9a-f]{6}$/, ACCENT))),
  logo: v.exactOptional(v.pipe(v.string(LOGO), v.regex(/^[A-Za-z0-9][\w-]{0,60}\.(svg|png)$/, LOGO))),
  name_examples: v.exactOptional(list(label(40), { most: 5, of: 'texts' })),
  default_expiry_days: v.exactOptional(v.picklist(EXPIRY_DAYS, `one of ${EXPIRY_DAYS.join(', ')}`)),
  read_only_scopes: v.exactOptional(v.array(v.string('the name of a scope'), 'a list of names of scopes')),
  first_tool: v.exactOptional(
    v.strictObject({
      name: v.pipe(v.string(TOOL), v.check(isToolName, TOOL)),
      arguments: v.exactOptional(v.custom<Record<string, unknown>>(isObject, ARGUMENTS)),
    }),
  ),
});

type ConsoleData = v.InferOutput<typeof consoleSchema>;

/** What a console says for a product whose profile does not say it. */
type Defaults = Pick<ConsoleRules, 'product' | 'readOnlyScopes'>;

export function consoleRulesOf(data: ConsoleData, { product, readOnlyScopes }: Defaults): ConsoleRules {
  const { first_tool: firstTool } = data;
  return {
    product: data.product ?? product,
    place: data.place ?? ['Settings', 'API Keys'],
    createLabel: data.create_label ?? 'Create API key',
    words: data.words ?? { workspace: 'workspace', workspaces: 'workspaces' },
    accent: data.accent ?? '#2457d6',
    ...(data.logo !== undefined && { logo: data.logo }),
    nameExamples: data.name_examples ?? ['production-backend', 'ci-pipeline', 'local-dev'],
    ...(data.default_expiry_days !== undefined && { defaultExpiryDays: data.default_expiry_days }),
    readOnlyScopes: data.read_only_scopes ?? readOnlyScopes,
    ...(firstTool && { firstTool: { name: firstTool.name, arguments: firstTool.arguments ?? {} } }),
  };
}
