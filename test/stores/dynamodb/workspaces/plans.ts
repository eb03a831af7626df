import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { NewKey } from '../../../../core/management/key-store.ts';
import type { WorkspaceUpdate } from '../../../../core/management/workspace-store.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { storedSecretOf } from '../keys/agreement.ts';
import { FIELDS, issued, NOW, newEvent, newId, workspaceStoreOf } from '../keys/keys.ts';

export const FREE = { limit: 60, windowSeconds: 60 };
export const PRO = { limit: 600, windowSeconds: 60 };
export const OWN = { limit: 5, windowSeconds: 10 };
export const LIMITS: Readonly<Record<string, RateLimit>> = { free: FREE, pro: PRO };

/** Workspaces whose plan limits their keys. @param getTables where they are, once the tables are made. */
export function workspacesOnPlans(getTables: () => Tables) {
  async function workspaceNamed(slug: string) {
    const workspace = await workspaceStoreOf(getTables()).get(slug);
    if (workspace === undefined) throw new Error('The workspace is gone.');
    return workspace;
  }

  async function anOffer(slug: string, plan: string): Promise<WorkspaceUpdate> {
    const workspace = await workspaceNamed(slug);
    return {
      workspace,
      name: workspace.name,
      plan,
      planLimit: LIMITS[plan] ?? null,
      changeId: newId('chg'),
      caller: null,
      now: NOW,
      event: newEvent('workspace.updated', slug, null),
    };
  }

  const changePlan = async (store: Tables, slug: string, plan = 'pro') =>
    workspaceStoreOf(store).update(await anOffer(slug, plan));

  /** What a handler would ask for: the plan's limit, or the key's own. */
  const limited = async (slug: string, own: RateLimit | null): Promise<Partial<NewKey>> => {
    const { plan, version } = await workspaceNamed(slug);
    return {
      workspace: slug,
      planVersion: version,
      fields: { ...FIELDS, rateLimit: own },
      effectiveRateLimit: own ?? LIMITS[plan ?? ''] ?? null,
    };
  };

  const issuedIn = async (slug: string, own: RateLimit | null = null) =>
    issued(getTables(), await limited(slug, own));

  const limitOf = async (text: string) => (await storedSecretOf(getTables(), text))?.rateLimit;

  return { workspaceNamed, anOffer, changePlan, limited, issuedIn, limitOf };
}
