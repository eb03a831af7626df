import type { Role } from '../../core/access/role.ts';
import { type CredentialHistory, newHistory, type Power } from './credential-history.ts';
import { initially, type Write } from './history.ts';
import { change, drawFrom, type Storm, use, written } from './storm.ts';

/** A user, and what their membership of one workspace lets their credentials do. */
export interface Person {
  readonly userId: string;
  readonly power: Write<Power>[];
  readonly removals: Write<'revoked'>[];
  readonly credentials: CredentialHistory[];
}

/** How the members of a product and their credentials are managed and used in a storm. */
export interface MemberStorm {
  readonly storm: Storm;
  readonly workspace: string;
  readonly powerOf: (role: Role) => Power;
  /** Whether a removal ends the credentials for good, rather than in this workspace alone. */
  readonly removalRevokes: boolean;
  /** Where a person's credentials are made, below the management API. */
  readonly credentialsPath: (person: Person) => string;
  readonly newCredential: (person: Person) => object;
  /** What is asked of the product's API. */
  readonly request: (needs: 'read' | 'write') => {
    readonly path: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  };
}

export const newPerson = (userId: string): Person => ({
  userId,
  power: [initially('none')],
  removals: [],
  credentials: [],
});

export async function putRole(members: MemberStorm, person: Person, role: Role): Promise<void> {
  await change(members.storm, {
    request: memberRequest(members, person, { asked: 'put', method: 'PUT', body: { role } }),
    note: (asked) => person.power.push(written(asked, members.powerOf(role))),
  });
}

export async function remove(members: MemberStorm, person: Person): Promise<void> {
  await change(members.storm, {
    request: memberRequest(members, person, { asked: 'remove', method: 'DELETE' }),
    note: (asked) => {
      person.power.push(written<Power>(asked, 'none'));
      if (!members.removalRevokes) return;
      person.removals.push(written(asked, 'revoked' as const));
      for (const credential of person.credentials) noteRemoval(credential, person);
    },
  });
}

/** What came while somebody was being removed may or may not have gone with them. */
function noteRemoval(credential: CredentialHistory, { removals }: Person): void {
  const [born] = credential.secrets;
  const removal = removals.at(-1);
  if (born === undefined || removal === undefined || removal.endedAt < born.startedAt) return;
  credential.revocations.push({ ...removal, isDone: removal.isDone && born.endedAt < removal.startedAt });
}

export async function issueTo(members: MemberStorm, person: Person): Promise<void> {
  const { storm, credentialsPath, newCredential } = members;
  const { managementUrl, managementKey } = storm.product;
  await change(storm, {
    request: {
      asked: 'issue',
      credential: managementKey,
      body: newCredential(person),
      url: managementUrl + credentialsPath(person),
    },
    note: ({ isDone, ...span }, body) => {
      if (!isDone) return;
      const { id } = body.key ?? body.token;
      const credential = newHistory(id, { text: body.secret, ...span }, person.power);
      noteRemoval(credential, person);
      person.credentials.push(credential);
      storm.credentials.push(credential);
    },
  });
}

export async function revokeOf(members: MemberStorm, person: Person, one: CredentialHistory): Promise<void> {
  const { storm, credentialsPath } = members;
  const { managementUrl, managementKey } = storm.product;
  await change(storm, {
    request: {
      asked: 'revoke',
      method: 'POST',
      credential: managementKey,
      url: `${managementUrl}${credentialsPath(person)}/${one.id}/revoke`,
    },
    note: (asked) => one.revocations.push(written(asked, 'revoked' as const)),
  });
}

export async function useOf(
  { storm, request }: MemberStorm,
  credential: CredentialHistory,
  random: () => number,
): Promise<void> {
  const needs = drawFrom(['read', 'write'] as const, random);
  const { path, ...rest } = request(needs);
  const text = credential.secrets[0]?.text ?? '';
  const url = storm.product.apiUrl + path;
  await use(storm, credential, { text, needs, request: { ...rest, url, credential: text } });
}

function memberRequest(
  { storm: { product }, workspace }: MemberStorm,
  { userId }: Person,
  request: { readonly asked: string; readonly method: string; readonly body?: unknown },
) {
  const url = `${product.managementUrl}/v1/workspaces/${workspace}/members/${userId}`;
  return { ...request, url, credential: product.managementKey };
}
