import { type Exported, type Member, readConstructs } from './construct-reference.ts';

/** The constructs in the order of the page. Everything else that is exported follows. */
const FIRST = ['Keyward', 'KeyAuthorizer', 'GuardedApi', 'KeyTables', 'ManagementApi', 'Console'];

const HEAD = `# Constructs

What \`keyward/cdk\` exports, for the AWS CDK. \`npm run construct-reference\` writes this page from the docstrings. [Protect your own API](protect-your-api.md) shows how the parts fit together, and [decision 0044](decisions/0044-constructs.md) says why they are as they are.

Every construct is made as CDK's own are: \`new Keyward(scope, id, props)\`. Types such as \`ITopic\`, \`IKey\` and \`RetentionDays\` are CDK's.
`;

/** The Markdown of docs/constructs.md. */
export function constructPage(): string {
  const all = readConstructs();
  const propsOf = (name: string) => all.find((each) => each.name === `${name}Props`);
  const isProps = ({ name }: Exported) => all.some((each) => name === `${each.name}Props`);
  const rank = ({ name }: Exported) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const classes = all.filter(({ kind }) => kind === 'class').sort((one, other) => rank(one) - rank(other));
  const isStack = ({ name }: Exported) => name.endsWith('Stack') || name === 'KeywardApp';
  return [
    HEAD,
    ...classes.filter((each) => !isStack(each)).map((each) => sectionOf(each, propsOf(each.name))),
    '## Stacks\n\nEach is a stack with constructs of this page in it, and takes the props of CDK’s stacks too. `KeywardApp` makes all of them, as [`keyward.json`](settings.md) says.\n',
    ...classes.filter(isStack).map((each) => sectionOf(each, propsOf(each.name), '###')),
    '## Types and functions\n',
    ...all.filter((each) => each.kind !== 'class' && !isProps(each)).map(typeSection),
  ].join('\n');
}

function sectionOf(exported: Exported, props: Exported | undefined, level = '##'): string {
  const { name, purpose, members } = exported;
  return [
    `${level} ${name}\n`,
    `${purpose}\n`,
    tableOf('Prop', props?.members ?? []),
    tableOf('Member', members),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function typeSection({ name, purpose, members }: Exported): string {
  const parts = [`### ${name}\n`, purpose === '' ? '' : `${purpose}\n`, tableOf('Field', members)];
  return parts.filter((part) => part !== '').join('\n');
}

/** One line for each: those that must be given first. */
function tableOf(heading: string, members: readonly Member[]): string {
  if (members.length === 0) return '';
  const sorted = members.toSorted(
    (one, other) =>
      Number(one.isOptional) - Number(other.isOptional) || one.name.localeCompare(other.name, 'en'),
  );
  const hasDefaults = sorted.some((member) => member.default !== undefined);
  const rows = sorted.map((member) => {
    const cells = [code(member.signature), inCell(member.purpose)];
    return `| ${(hasDefaults ? [...cells, defaultOf(member)] : cells).join(' | ')} |`;
  });
  const head = hasDefaults ? [heading, 'What it is', 'Default'] : [heading, 'What it is'];
  return `| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n${rows.join('\n')}\n`;
}

function defaultOf({ isOptional, default: text }: Member): string {
  return isOptional ? inCell(text ?? '') : '**required**';
}

function code(signature: string): string {
  return `\`${signature.replaceAll('|', '\\|')}\``;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
