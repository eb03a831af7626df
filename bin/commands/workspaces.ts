import type { Command } from 'commander';
import type { Caller, Workspace } from '../../client/index.ts';
import { forTerminal, printJson } from '../output.ts';
import { timeTextOf } from '../print/credential-text.ts';
import { printFields, printList, printSentence } from '../print/list.ts';
import type { Terminal } from '../terminal.ts';
import { type ApiOptions, addApiOptions, addTimeOption, connect, type TimeOptions } from './api-options.ts';
import { parseName, parsePrintable, parseSlug, parseUserId } from './arguments.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

export function addWorkspaceCommands(program: Command, surroundings: Surroundings): void {
  const workspaces = program
    .command('workspaces')
    .helpCommand(false)
    .summary('create, list, show and change workspaces')
    .description('Creates, lists, shows and changes workspaces. Each customer of the product has one.');
  addCreate(workspaces, surroundings);
  addList(workspaces, surroundings);
  addShow(workspaces, surroundings);
  addUpdate(workspaces, surroundings);
}

interface CreateOptions extends ApiOptions {
  readonly name?: string;
  readonly owner: string;
  readonly plan?: string;
}

function addCreate(workspaces: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = workspaces
    .command('create')
    .description('Makes a workspace; only with a management key.')
    .argument('<slug>', 'its slug, which never changes', parseSlug)
    .requiredOption('--owner <user id>', 'the user who owns it', parseUserId)
    .option('--name <text>', 'what it is called, if not as its slug', parseName)
    .option('--plan <plan>', 'one of the product’s plans', parsePrintable);
  addApiOptions(command, 'workspaces create globex --owner usr_1 --name "Globex Corp"').action(
    async (slug: string, options: CreateOptions) => {
      const { client } = await connect(surroundings, options);
      const { name = slug, owner, plan } = options;
      const workspace = await client.workspaces.create({ slug, name, created_by: owner, plan });
      if (options.json) printJson(terminal, workspace);
      else printSentence(terminal, `Made the workspace ${slug}, which ${owner} owns.`);
    },
  );
}

function addList(workspaces: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = workspaces
    .command('list')
    .description('Lists the workspaces that you are a member of, and your role in each.');
  addApiOptions(command, 'workspaces list').action(async (options: ApiOptions) => {
    const { client } = await connect(surroundings, options);
    const items = workspacesOf(await client.caller());
    await printList(
      {
        noun: 'workspaces',
        columns: [
          { title: 'WORKSPACE', cell: ({ slug }) => forTerminal(slug) },
          { title: 'YOUR ROLE', cell: ({ role }) => forTerminal(role ?? '–') },
        ],
        readPage: async () => ({ items, next: null }),
      },
      { ...options, all: true },
      terminal,
    );
  });
}

/** @throws {CommandFailure} for a credential that belongs to no workspace: no call of the API lists what it reaches. */
function workspacesOf(caller: Caller): readonly { readonly slug: string; readonly role: string | null }[] {
  if ('workspaces' in caller) return caller.workspaces;
  if (caller.workspace !== null) return [{ slug: caller.workspace, role: caller.role }];
  throw new CommandFailure(
    EXIT.failed,
    `Nothing lists the workspaces that a ${caller.kind.replaceAll('_', ' ')} reaches: name one with --workspace.`,
  );
}

function addShow(workspaces: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const command = workspaces
    .command('show')
    .description('Shows a workspace.')
    .argument('[slug]', 'the workspace, instead of the one of the connection', parseSlug);
  addApiOptions(addTimeOption(command), 'workspaces show acme').action(
    async (slug: string | undefined, options: ApiOptions & TimeOptions) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const workspace = await client.workspaces.get({ workspace: slug ?? (await findWorkspace()) });
      if (options.json) printJson(terminal, workspace);
      else printWorkspace(terminal, workspace, timeTextOf(options, now()));
    },
  );
}

function addUpdate(workspaces: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const command = workspaces
    .command('update')
    .description('Changes the name of a workspace, or its plan with a management key.')
    .argument('[slug]', 'the workspace, instead of the one of the connection', parseSlug)
    .option('--name <text>', 'what it is called', parseName)
    .option('--plan <plan>', 'one of the product’s plans', parsePrintable);
  addApiOptions(
    command,
    'workspaces update acme --name "Acme Corp"',
    'workspaces update acme --plan enterprise',
  ).action(async (slug: string | undefined, options: ApiOptions & { name?: string; plan?: string }) => {
    const { name, plan } = options;
    if (name === undefined && plan === undefined)
      throw new CommandFailure(EXIT.usage, 'Say what to change, with --name or --plan.');
    const { client, findWorkspace } = await connect(surroundings, options);
    const workspace = slug ?? (await findWorkspace());
    const changed = await client.workspaces.update({ workspace, name, plan });
    if (options.json) printJson(terminal, changed);
    else printSentence(terminal, `Changed the workspace ${workspace}.`);
  });
}

function printWorkspace(terminal: Terminal, workspace: Workspace, time: ReturnType<typeof timeTextOf>): void {
  printFields(terminal, [
    ['Slug', workspace.slug],
    ['Name', workspace.name],
    ['Plan', workspace.plan ?? '–'],
    ['Created', time(workspace.created_at)],
  ]);
}
