import { callerView, membershipView } from '../http/key-view.ts';
import { answering } from '../http/management-call.ts';
import { memberStore, workspaceStore } from '../stores.ts';

/** Who am I: a credential with what it may do, or a person with the workspaces they are in. */
export const handler = answering(async ({ caller }) => {
  if (caller.kind !== 'signed_in') return { status: 200, body: callerView(caller) };
  const slugs = await memberStore.listWorkspacesOf(caller.user);
  const memberships = await Promise.all(slugs.map((slug) => membershipIn(slug, caller.user)));
  return { status: 200, body: { ...callerView(caller), workspaces: memberships.flat() } };
});

/** Empty for a workspace that they have left since it was listed. */
async function membershipIn(slug: string, userId: string) {
  const [workspace, member] = await Promise.all([
    workspaceStore.get(slug),
    workspaceStore.getMember(slug, userId),
  ]);
  return workspace === undefined || member === undefined ? [] : [membershipView(workspace, member)];
}
