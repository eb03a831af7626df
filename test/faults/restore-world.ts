import { randomBytes } from 'node:crypto';
import type { RateLimit } from '../../core/access/rate-limit.ts';
import type { AuditEvent, AuditEventType } from '../../core/audit/audit-event.ts';
import { makeIdentifier } from '../../core/credential/identifier.ts';
import type { RoleCopies } from '../../core/management/member-store.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import type { OperatorTables } from '../../stores/dynamodb/table/tables.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../../stores/dynamodb/workspaces/workspace-store.ts';

export const { profile: PROFILE } = loadProfile('standard');
export const WORKSPACES = ['acme', 'globex'] as const;
export const USERS = ['ada', 'bob', 'cyd', 'dan', 'eve'] as const;
export const PLANS: Readonly<Record<string, RateLimit | null>> = {
  free: { limit: 60, windowSeconds: 60 },
  pro: { limit: 600, windowSeconds: 60 },
  enterprise: null,
};

export const emailOf = (userId: string) => `${userId}@example.com`;

/** Everything that was ever made and opens something. */
export interface Made {
  readonly keys: {
    readonly workspace: string;
    readonly id: string;
    readonly createdBy: string;
    readonly texts: string[];
  }[];
  readonly tokens: { readonly userId: string; readonly id: string; readonly text: string }[];
  readonly managementKeys: { readonly id: string; readonly text: string }[];
  readonly invitations: { readonly workspace: string; readonly id: string }[];
}

/**
 * Two workspaces and what people do in them, by a clock that is given. Whoever acts has a clock of their own, minutes from it,
 * and stamps events by that. What the stores refuse has not happened.
 */
export class RestoreWorld {
  readonly made: Made = { keys: [], tokens: [], managementKeys: [], invitations: [] };
  readonly #random: () => number;
  /** Where roles are copied to: products differ in whether keys act with them. */
  readonly copies: RoleCopies;
  readonly steady: OperatorTables;
  /** Of a process that may die. */
  tables: OperatorTables;
  #tick = 0;
  now: number;

  constructor(tables: OperatorTables, random: () => number, now: number) {
    this.copies = random() < 0.5 ? ['keys', 'tokens'] : ['tokens'];
    this.tables = tables;
    this.steady = tables;
    this.#random = random;
    this.now = now;
  }

  async begin(): Promise<void> {
    for (const [index, slug] of WORKSPACES.entries()) {
      const workspace = { slug, name: slug, plan: 'pro', createdAt: this.now, version: 1 };
      const owner = USERS[index] ?? '';
      const event = this.event('workspace.created', slug, { after: { owner } });
      await this.workspaces().create({ workspace, ownerId: owner, event });
    }
  }

  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  from<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  readonly id = (prefix: Parameters<typeof makeIdentifier>[0]) => {
    this.#tick += 1;
    return makeIdentifier(prefix, (this.now + this.below(400) - 200) * 1000 + this.#tick, randomBytes);
  };

  event(type: AuditEventType, workspace: string, told: Partial<AuditEvent>): AuditEvent {
    return {
      id: this.id('evt'),
      at: this.now + this.below(200) - 100,
      type,
      sourceAddress: null,
      actor: { kind: 'operator', credentialId: null, user: null },
      workspace,
      keyId: null,
      ...told,
      outcome: 'done',
    } as AuditEvent;
  }

  member(slug: string, userId: string) {
    return this.workspaces().getMember(slug, userId);
  }

  workspaces() {
    return dynamoWorkspaceStore(this.finisher(), this.copies);
  }

  members() {
    return dynamoMemberStore(this.finisher(), this.copies);
  }

  get keysHaveRoles(): boolean {
    return this.copies.includes('keys');
  }

  finisher() {
    return { tables: this.tables, now: () => this.now, newId: this.id };
  }
}
