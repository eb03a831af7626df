import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CallerSession } from '../../../core/access/principal.ts';
import type { MemberStore } from '../../../core/management/member-store.ts';
import { describeUnauthorized } from '../../../core/management/problem.ts';
import { roleOf, type WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { headerValues, type MultiValueHeaders } from '../../../core/verification/presentation.ts';
import { ProblemError } from '../../http/problem.ts';
import type { CallerAnswer, ScopesAnswer, SignedInAnswer } from '../answers/caller-answers.ts';
import type { Operation } from '../http/operation.ts';
import { principalView, timeView } from '../http/view.ts';

export interface DescribeCallerOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'get' | 'getMember'>;
  readonly members: Pick<MemberStore, 'listWorkspacesOf'>;
}

/** Says who the caller is: a credential with what it may do, or a person with the workspaces they are in. */
export function describeCallerOperation(options: DescribeCallerOptions): Operation {
  return async ({ caller, event }) => {
    const address = addressOf(event);
    if (caller.kind !== 'signed_in')
      return { status: 200, body: { ...principalView(caller), address } satisfies CallerAnswer };
    const { user, session } = caller;
    const slugs = session ? [session.workspace] : await options.members.listWorkspacesOf(user);
    const found = await Promise.all(slugs.map((slug) => findMembership(options, { slug, userId: user })));
    const memberships = found.flat();
    if (session && memberships[0]?.since !== session.memberSince)
      throw new ProblemError(describeUnauthorized(options.profile));
    const body: SignedInAnswer = {
      kind: 'person',
      user,
      workspaces: memberships.map(({ since, ...shown }) => shown),
      session: session ? sessionView(session) : null,
      address,
    };
    return { status: 200, body: body satisfies CallerAnswer };
  };
}

/** CloudFront adds it to everything that it passes on. No caller can take it away. */
const PASSED_ON = 'x-amz-cf-id';

/**
 * Where a call comes from, for a caller who wants to bind a key to that place. Of a call that came through CloudFront, API Gateway
 * knows the address of CloudFront alone. A caller who adds CloudFront's header to a direct call hides their address from themselves.
 * @see docs/decisions/0040-console-on-aws-and-here.md
 */
function addressOf({ multiValueHeaders, requestContext }: APIGatewayProxyEvent): string | null {
  const isPassedOn = headerValues((multiValueHeaders ?? {}) as MultiValueHeaders, PASSED_ON).length > 0;
  return isPassedOn ? null : requestContext.identity.sourceIp;
}

/** @returns nothing for a workspace that the user has left since it was listed. */
async function findMembership(
  { workspaces }: DescribeCallerOptions,
  { slug, userId }: { readonly slug: string; readonly userId: string },
) {
  const [workspace, member] = await Promise.all([workspaces.get(slug), workspaces.getMember(slug, userId)]);
  if (workspace === undefined || member === undefined) return [];
  const { name: member_name = null, createdAt: since } = member;
  return [{ slug, name: workspace.name, role: roleOf(member), member_name, since }];
}

function sessionView({ id, workspace, expiresAt, endsAt }: CallerSession): SignedInAnswer['session'] {
  return { id, workspace, expires_at: timeView(expiresAt), ends_at: timeView(endsAt) };
}

/** Says which scopes the product has. The profile answers it, without a store. */
export function describeScopesOperation({ profile }: { readonly profile: Profile }): Operation {
  const definitions = profile.scopes?.definitions ?? [];
  const scopes = definitions.map(({ name, description, implies }) => ({ name, description, implies }));
  const body: ScopesAnswer = { scopes };
  return async () => ({ status: 200, body });
}
