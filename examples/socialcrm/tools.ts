import { type Tool, ToolError } from '../mcp/serve.ts';
import { type Collection, listRows, putRow, type Row, readRow } from '../rows.ts';

const text = { type: 'string' } as const;

/** A key grants access to all brands of its company, so every tool only needs a valid key. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'brands.list',
    description: 'Lists all brands of the company',
    inputSchema: { type: 'object', properties: {}, required: [] },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'brands.create',
    description: 'Adds a brand to the company',
    inputSchema: { type: 'object', properties: { name: text }, required: ['name'] },
    annotations: { readOnlyHint: false },
  },
  {
    name: 'contacts.list',
    description: 'Lists the contacts of a brand',
    inputSchema: { type: 'object', properties: { brand_id: text }, required: ['brand_id'] },
    annotations: { readOnlyHint: true },
  },
];

const BRANDS: readonly Row[] = [
  { id: 'brand_globex', name: 'Globex' },
  { id: 'brand_initech', name: 'Initech' },
];

const CONTACTS: readonly Row[] = [
  { id: 'contact_hank', name: 'Hank Scorpio', brand_id: 'brand_globex' },
  { id: 'contact_bill', name: 'Bill Lumbergh', brand_id: 'brand_initech' },
];

const brandsOf = (company: string): Collection => ({ workspace: company, name: 'brands', seeds: BRANDS });
const contactsOf = (company: string): Collection => ({
  workspace: company,
  name: 'contacts',
  seeds: CONTACTS,
});

type Arguments = Readonly<Record<string, unknown>>;

/** Runs a tool for one company, the workspace of the key. */
export async function callTool(company: string, name: string, toolArguments: Arguments): Promise<object> {
  switch (name) {
    case 'brands.list':
      return { brands: await listRows(brandsOf(company)) };
    case 'brands.create': {
      const brand = { id: `brand_${crypto.randomUUID()}`, name: textArgument(toolArguments, 'name') };
      return { brand: await putRow(brandsOf(company), brand) };
    }
    case 'contacts.list': {
      const id = textArgument(toolArguments, 'brand_id');
      if ((await readRow(brandsOf(company), id)) === undefined)
        throw new ToolError('There is no such brand.');
      const contacts = await listRows(contactsOf(company));
      return { contacts: contacts.filter(({ brand_id }) => brand_id === id) };
    }
    default:
      throw new ToolError('There is no such tool.');
  }
}

function textArgument(toolArguments: Arguments, name: string): string {
  const value = Object.hasOwn(toolArguments, name) ? toolArguments[name] : undefined;
  if (typeof value !== 'string' || value === '') throw new ToolError(`The argument ${name} must be a text.`);
  return value;
}
