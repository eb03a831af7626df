/**
 * The reviewed resource types. A type is **run**, **replaced** by a local counterpart, or **inert**; any other type,
 * and any property of a run or replaced type that stands in neither of its lists, stops the run: nothing is quietly
 * ignored.
 * A listed property covers everything below it; `Integration.Uri` covers one property of an object or of each
 * object in a list. What is ignored says what is lost on one machine.
 */
export type ReviewedType =
  | {
      readonly kind: 'run';
      readonly honoured: readonly string[];
      readonly ignored: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'replaced';
      readonly by: string;
      readonly honoured: readonly string[];
      readonly ignored: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'inert'; readonly because: string };

export type ReviewedTypes = Readonly<Record<string, ReviewedType>>;

export const TAGS = { Tags: 'Nothing local reads tags.' };
export const THROTTLING = 'One machine has no traffic worth throttling.';
