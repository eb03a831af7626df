import { profileNameIn } from './profile-file.ts';

/** What names a deployment's stacks, as its settings say it. */
export interface DeploymentName {
  /** The name of a profile, or the path of its file. */
  readonly profile: string;
  /**
   * Tells deployments of one product in an account apart.
   * @default the profile's name
   */
  readonly name?: string | undefined;
  /**
   * All that stands before the part: for stacks that were deployed under another name, which nothing can change.
   * @default `Keyward-` and the name
   */
  readonly stackPrefix?: string | undefined;
}

export const LONGEST_NAME = 40;

/** Tells whether stacks can be named so; with {@link LONGEST_NAME}, no part makes it too long for CloudFormation. */
export function isDeploymentName(text: string): boolean {
  return text.length <= LONGEST_NAME && /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

export type StackPart = 'Data' | 'Api' | 'Sample';

/** What the names of all stacks of a deployment begin with, such as `Keyward-SupersonicAuthorized`. */
function stackPrefixOf({ profile, name, stackPrefix }: DeploymentName): string {
  return stackPrefix ?? `Keyward-${pascalCase(name ?? profileNameIn(profile))}`;
}

/** The name of one stack, such as `Keyward-Standard-Data`. */
export function stackNameOf(deployment: DeploymentName, part: StackPart): string {
  return `${stackPrefixOf(deployment)}-${part}`;
}

/** `issue-key` as `IssueKey`. */
export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|-+)([A-Za-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}
