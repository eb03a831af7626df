import { profileNameIn } from './profile-file.ts';

/** The settings that name the stacks of a deployment. */
export interface DeploymentName {
  /** The name of a profile, or the path of its file. */
  readonly profile: string;
  /**
   * Tells deployments of one product in the same account apart.
   * @default the profile's name
   */
  readonly name?: string | undefined;
  /**
   * The whole text before the part. For stacks that were deployed under another name, which cannot be changed any more.
   * @default `Keyward-` and the name
   */
  readonly stackPrefix?: string | undefined;
}

export const LONGEST_NAME = 40;

/** Tells whether stacks can have this name. At {@link LONGEST_NAME}, no part makes it too long for CloudFormation. */
export function isDeploymentName(text: string): boolean {
  return text.length <= LONGEST_NAME && /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

export type StackPart = 'Data' | 'Api' | 'Console' | 'Sample';

/** The beginning of all stack names of a deployment, such as `Keyward-SupersonicAuthorized`. */
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
