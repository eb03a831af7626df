import { Argument, Option } from 'commander';

export const ROLES = ['owner', 'admin', 'member'] as const;

export type Role = (typeof ROLES)[number];

export function roleArgument(): Argument {
  return new Argument('<role>', 'what the member may do').choices(ROLES);
}

export function roleOption(): Option {
  return new Option('--role <role>', 'what the member may do').choices(ROLES).makeOptionMandatory();
}
