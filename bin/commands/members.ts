import type { Command } from 'commander';
import type { Invitation, Member } from '../../client/index.ts';
import { forTerminal, printJson } from '../output.ts';
import { confirmOrStop } from '../print/confirm.ts';
import { timeTextOf } from '../print/credential-text.ts';
import { printList, printSentence } from '../print/list.ts';
import type { Column } from '../print/table.ts';
import {
  type ApiOptions,
  addApiOptions,
  addListOptions,
  addWorkspaceOption,
  connect,
  type ListOptions,
} from './api-options.ts';
import { parseName, parsePrintable } from './arguments.ts';
import { addNote } from './help-words.ts';
import { type Role, roleArgument, roleOption } from './role-argument.ts';
import type { Surroundings } from './surroundings.ts';

type TimeText = ReturnType<typeof timeTextOf>;

export function addMemberCommands(program: Command, surroundings: Surroundings): void {
  const members = program
    .command('members')
    .helpCommand(false)
    .summary('list, add and remove members, and set their roles and names')
    .description('Lists, adds and removes the members of a workspace, and sets their roles and names.');
  addMemberList(members, surroundings);
  const add = members
    .command('add')
    .description(
      'Adds a user at once, without asking them; only with a management key. Others invite: `keyward invitations create`.',
    )
    .argument('<user id>', 'the user’s id at the issuer, where they sign in (the claim sub)', parsePrintable)
    .addOption(roleOption())
    .option('--name <name>', 'what the workspace calls them', parseName);
  addNote(addApiOptions(addWorkspaceOption(add), 'members add usr_1 --role admin'), WHO_IS_ADDED).action(
    async (user: string, options: ApiOptions & { role: Role; name?: string }) => {
      await putMember(surroundings, { user, ...options });
      if (!options.json) surroundings.terminal.write(2, `${WHO_IS_ADDED}\n`);
    },
  );
  const setRole = members
    .command('set-role')
    .description('Sets the role of a member.')
    .argument('<user id>', 'the member', parsePrintable)
    .addArgument(roleArgument());
  addApiOptions(addWorkspaceOption(setRole), 'members set-role usr_1 member').action(
    (user: string, role: Role, options: ApiOptions) => putMember(surroundings, { user, role, ...options }),
  );
  const rename = members
    .command('rename')
    .description('Sets what the workspace calls a member. Without a name it calls them by their id again.')
    .argument('<user id>', 'the member', parsePrintable)
    .argument('[name]', 'the new name', parseName);
  addApiOptions(addWorkspaceOption(rename), "members rename usr_1 'Ada'").action(
    (user: string, name: string | undefined, options: ApiOptions) =>
      putMember(surroundings, { user, name: name ?? null, ...options }),
  );
  addMemberRemoval(members, surroundings);
}

const WHO_IS_ADDED =
  'Keyward does not know who has an account: the person who signs in with exactly this id is the member.';

function addMemberList(members: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const list = members.command('list').description('Lists members, by their ids.');
  addApiOptions(addWorkspaceOption(addListOptions(list)), 'members list').action(
    async (options: ListOptions) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const workspace = await findWorkspace();
      await printList(
        {
          noun: 'members',
          columns: memberColumns(timeTextOf(options, now())),
          readPage: async (page) => {
            const { members: items, next_cursor } = await client.members.list({ workspace, ...page });
            return { items, next: next_cursor };
          },
        },
        options,
        terminal,
      );
    },
  );
}

function memberColumns(time: TimeText): readonly Column<Member>[] {
  return [
    { title: 'USER', cell: ({ user_id }) => forTerminal(user_id), leastWidth: 20 },
    { title: 'NAME', cell: ({ name }) => forTerminal(name ?? '–'), leastWidth: 12, dispensable: 1 },
    { title: 'ROLE', cell: ({ role }) => forTerminal(role) },
    { title: 'SINCE', cell: ({ created_at }) => time(created_at), dispensable: 2 },
  ];
}

async function putMember(
  surroundings: Surroundings,
  {
    user,
    role,
    name,
    ...options
  }: ApiOptions & { readonly user: string; readonly role?: Role; readonly name?: string | null },
): Promise<void> {
  const { terminal } = surroundings;
  const { client, findWorkspace } = await connect(surroundings, options);
  const workspace = await findWorkspace();
  const member = await client.members.put({ workspace, user_id: user, role, name });
  if (options.json) printJson(terminal, member);
  else printSentence(terminal, `${nameOf(member)} is ${member.role} of ${workspace}.`);
}

/** The id stays beside the name: a name does not tell people apart. */
function nameOf({ user_id, name }: Member): string {
  return name === null ? user_id : `${name} (${user_id})`;
}

function addMemberRemoval(members: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const remove = members
    .command('remove')
    .description('Removes a member, and says which of their keys ended and which stay.')
    .argument('<user id>', 'the member', parsePrintable)
    .option('--yes', 'do not ask');
  addApiOptions(addWorkspaceOption(remove), 'members remove usr_1').action(
    async (user: string, options: ApiOptions & { yes?: true }) => {
      const { client, findWorkspace, url } = await connect(surroundings, options);
      const workspace = await findWorkspace();
      await confirmOrStop(terminal, `Remove ${user} from ${workspace} at ${url}?`, options);
      const removed = await client.members.remove({ workspace, user_id: user });
      if (options.json) return printJson(terminal, removed);
      const { revoked, kept } = removed;
      const listed = (ids: readonly string[]) => ids.join(', ') || 'none';
      printSentence(
        terminal,
        `Removed ${user}. Keys that ended: ${listed(revoked)}. Keys that stay: ${listed(kept)}.`,
      );
    },
  );
}

export function addInvitationCommands(program: Command, surroundings: Surroundings): void {
  const { terminal } = surroundings;
  const invitations = program
    .command('invitations')
    .helpCommand(false)
    .summary('invite people, and take invitations back')
    .description('Invites people into a workspace by their e-mail addresses.');
  const create = invitations
    .command('create')
    .description('Invites an address; who signs in with it within 14 days becomes a member.')
    .argument('<e-mail>', 'the address', parsePrintable)
    .addOption(roleOption());
  addApiOptions(addWorkspaceOption(create), 'invitations create ada@example.com --role member').action(
    async (email: string, options: ApiOptions & { role: Role }) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const workspace = await findWorkspace();
      const invitation = await client.invitations.create({ workspace, email, role: options.role });
      if (options.json) return printJson(terminal, invitation);
      printSentence(
        terminal,
        `Invited ${invitation.email} (${invitation.id}). Keyward sends no mail: tell them to sign in.`,
      );
    },
  );
  addInvitationList(invitations, surroundings);
  const revoke = invitations
    .command('revoke')
    .description('Takes an invitation back.')
    .argument('<id>', 'the invitation’s id', parsePrintable);
  addApiOptions(addWorkspaceOption(revoke), 'invitations revoke inv_0VbfMAmUeJitTzsO8SVy').action(
    async (id: string, options: ApiOptions) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const answer = await client.invitations.revoke({ workspace: await findWorkspace(), invitation: id });
      if (options.json) printJson(terminal, answer);
      else printSentence(terminal, `Took the invitation ${id} back.`);
    },
  );
}

function addInvitationList(invitations: Command, surroundings: Surroundings): void {
  const { terminal, now } = surroundings;
  const list = invitations.command('list').description('Lists open invitations.');
  addApiOptions(addWorkspaceOption(addListOptions(list)), 'invitations list').action(
    async (options: ListOptions) => {
      const { client, findWorkspace } = await connect(surroundings, options);
      const workspace = await findWorkspace();
      await printList(
        {
          noun: 'open invitations',
          columns: invitationColumns(timeTextOf(options, now())),
          readPage: async (page) => {
            const { invitations: items, next_cursor } = await client.invitations.list({ workspace, ...page });
            return { items, next: next_cursor };
          },
        },
        options,
        terminal,
      );
    },
  );
}

function invitationColumns(time: TimeText): readonly Column<Invitation>[] {
  return [
    { title: 'ID', cell: ({ id }) => forTerminal(id) },
    { title: 'E-MAIL', cell: ({ email }) => forTerminal(email), leastWidth: 12 },
    { title: 'ROLE', cell: ({ role }) => forTerminal(role), dispensable: 1 },
    { title: 'EXPIRES', cell: ({ expires_at }) => time(expires_at), dispensable: 2 },
    {
      title: 'INVITED BY',
      cell: ({ invited_by }) => forTerminal(invited_by ?? 'the operator'),
      leastWidth: 10,
      dispensable: 3,
    },
  ];
}
