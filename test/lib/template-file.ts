import { readFileSync } from 'node:fs';

export interface Resource {
  readonly Type: string;
  readonly UpdateReplacePolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}
export type Template = Record<string, Resource>;

/** The resources of a synthesized template. */
export function readTemplate(file: string): Template {
  return JSON.parse(readFileSync(file, 'utf8')).Resources;
}

export const ofType = (template: Template, type: string) =>
  Object.values(template).filter(({ Type }) => Type === type);
