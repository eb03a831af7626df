import type { Command } from 'commander';

/** Turns the words of the API into those of the command line: fields into options and arguments, routes into commands. */

/** The options and arguments that fill each field of the API. A command has one of them. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  action: ['--action'],
  allowed_cidrs: ['--network'],
  created_by: ['--created-by', '--owner'],
  description: ['--description'],
  email: ['<e-mail>'],
  expires_at: ['--expires'],
  expires_before: ['--expires-before'],
  external_id: ['--external-id'],
  ids: ['<id>'],
  key: ['<id>'],
  key_id: ['--key'],
  limit: ['--limit'],
  name: ['--name'],
  overlap_seconds: ['--overlap'],
  plan: ['--plan'],
  rate_limit: ['--rate-limit'],
  role: ['--role', '<role>'],
  scope: ['--scope'],
  scopes: ['--scope'],
  slug: ['<slug>'],
  status: ['--status'],
  type: ['--type'],
  unused_since: ['--unused-since'],
  user_id: ['--user', '<user id>'],
  workspace: ['--workspace', '<slug>'],
  workspaces: ['--only-in'],
};

/** What the API advises, and the command that does it. A longer text stands before one that it begins with. */
const COMMANDS: readonly (readonly [advice: string, command: string])[] = [
  ['PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body', 'members add'],
  ['PUT /v1/workspaces/{workspace}/members/{user_id}', 'members add'],
  ['GET /v1/workspaces/{workspace}/members', 'members list'],
  ['POST /v1/workspaces/{workspace}/invitations', 'invitations create'],
  ['GET /v1/workspaces/{workspace}/invitations', 'invitations list'],
  ['GET /v1/workspaces/{workspace}/keys', 'keys list'],
  ['POST /v1/workspaces', 'workspaces create'],
];

/**
 * Says what the API says, as somebody would who knows only the command line.
 * @param field the field that is not valid, such as `scopes.0`; `null` for another problem.
 * @param command the command that asked the API.
 */
export function wordForCommand(
  detail: string,
  { field, command }: { readonly field: string | null; readonly command: Command | undefined },
): string {
  const option = field === null || command === undefined ? undefined : optionOf(field, command);
  const named =
    field !== null && option !== undefined && detail.startsWith(field)
      ? option + detail.slice(field.length)
      : detail;
  const withFields = namesOf(command).reduce(
    (text, [name, words]) => text.replaceAll(new RegExp(`(?<![\\w.-])${name}(?![\\w.])`, 'g'), words),
    named,
  );
  return COMMANDS.reduce(
    (text, [advice, words]) => text.replaceAll(advice, `\`keyward ${words}\``),
    withFields,
  );
}

/** The fields whose names nobody would use as a word, for sentences that name one in their middle. */
function namesOf(command: Command | undefined): readonly (readonly [field: string, option: string])[] {
  return Object.keys(OPTIONS).flatMap((field) => {
    const option = command === undefined || !field.includes('_') ? undefined : optionOf(field, command);
    return option === undefined ? [] : [[field, option] as const];
  });
}

/** @param field may lead into a value: `scopes.0` and `rate_limit.limit` are parts of what one option says. */
function optionOf(field: string, { options, registeredArguments }: Command): string | undefined {
  const [name = ''] = field.split('.');
  const candidates = Object.hasOwn(OPTIONS, name) ? (OPTIONS[name] ?? []) : [];
  return candidates.find(
    (candidate) =>
      options.some(({ long }) => long === candidate) ||
      registeredArguments.some((argument) => `<${argument.name()}>` === candidate),
  );
}
