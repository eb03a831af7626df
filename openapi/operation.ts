import type { MANAGEMENT_ROUTES } from '../core/management/route.ts';
import type { AnswerName, BodyName } from './components.ts';
import type { ProblemCode } from './problems.ts';

/** What the description says of each route beyond what the table of routes and the schemas say. */
export interface OperationDescription {
  readonly operationId: string;
  readonly tag: TagName;
  /** What the call does, as the beginning of a list's line. */
  readonly summary: string;
  readonly description?: string;
  /** A body that may be left out is empty, whatever the others are called. */
  readonly body?: BodyName;
  readonly query?: 'page' | 'credentials' | 'keys' | 'events';
  /** The answers of success, by their statuses. */
  readonly answers: Readonly<Record<number, AnswerName>>;
  /** The errors of this operation, beyond those that every operation has. */
  readonly codes: readonly ProblemCode[];
}

/** Every call that changes something may meet other changes, or a change that is too large for one call. */
export const CHANGE = ['conflict', 'change_in_progress'] as const satisfies readonly ProblemCode[];

export const TAGS = {
  workspaces: 'Workspaces are the tenants of the product.',
  members: 'Members are users in a workspace, each with one role.',
  keys: 'API keys belong to one workspace and call the API of the product.',
  invitations: 'An invitation makes somebody a member when they sign in with its address.',
  events: 'The audit log tells who changed what, and who was refused.',
  tokens: 'Personal access tokens belong to a user and work in the workspaces of that user.',
  sessions: 'A session is a user of the product in one workspace, for whom the product vouches.',
  caller: 'Who the caller is, and what there is to know about this product.',
} as const;

export type TagName = keyof typeof TAGS;

type NameOf<Route> = Route extends { readonly method: infer Method; readonly path: infer Path }
  ? `${Method & string} ${Path & string}`
  : never;

/** Such as `GET /v1/me`. */
export type RouteName = NameOf<(typeof MANAGEMENT_ROUTES)[number]>;
