import { CALLER_OPERATIONS } from './caller-operations.ts';
import { KEY_OPERATIONS } from './key-operations.ts';
import type { OperationDescription, RouteName } from './operation.ts';
import { WORKSPACE_OPERATIONS } from './workspace-operations.ts';

/** What the description says of every route. A route that is missing here does not compile. */
export const OPERATIONS = {
  ...WORKSPACE_OPERATIONS,
  ...KEY_OPERATIONS,
  ...CALLER_OPERATIONS,
} as const satisfies Readonly<Record<RouteName, OperationDescription>>;
