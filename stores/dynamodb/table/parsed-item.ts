import * as v from 'valibot';
import { ROLES } from '../../../core/access/role.ts';
import type { Document } from './documents.ts';

/**
 * Parses an item that was read. Attributes that the schema does not name are left out.
 * @param kind of the item, for the error, such as `API key`.
 * @throws {Error} when an attribute is missing or has an unknown value. That is a fault.
 */
export function parseItem<Schema extends v.GenericSchema>(
  schema: Schema,
  item: Document,
  kind: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, item);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const attribute = v.getDotPath(issue) ?? 'form';
  const where = `Stored ${kind} ${String(item.pk)} ${String(item.sk)}`;
  throw new Error(`${where} has an unknown ${attribute}: ${issue.received}. Expected ${issue.expected}.`);
}

/** Parts of schemas that several kinds of items share. Times are Unix seconds. */
export const storedRole = v.picklist(ROLES);

export const storedScopes = v.union([v.literal('all'), v.tupleWithRest([v.string()], v.string())]);

export const storedLimit = v.object({ limit: v.number(), windowSeconds: v.number() });

export const storedText = v.nullable(v.string());

export const storedNumber = v.nullable(v.number());

/** Of an attribute that older versions did not write: they meant `null`. */
export const addedLater = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.nullable(schema), null);

/** What each rank has set for one field of a key. Unknown ranks are a fault: leaving one out would loosen the key. */
const byRank = <Schema extends v.GenericSchema>(value: Schema) =>
  v.strictObject({
    operator: v.exactOptional(value),
    owner: v.exactOptional(value),
    admin: v.exactOptional(value),
  });

const storedBounds = v.strictObject({
  enabled: v.exactOptional(byRank(v.boolean())),
  expiresAt: v.exactOptional(byRank(storedNumber)),
  allowedCidrs: v.exactOptional(byRank(v.array(v.string()))),
  scopes: v.exactOptional(byRank(storedScopes)),
});

/** The fields of an API key that may be changed, as records, intents and events hold them. */
export const storedKeyFields = v.object({
  name: storedText,
  description: storedText,
  scopes: storedScopes,
  enabled: v.boolean(),
  expiresAt: storedNumber,
  allowedCidrs: v.array(v.string()),
  rateLimit: v.nullable(storedLimit),
  issuerLimit: addedLater(storedLimit),
  bounds: v.optional(storedBounds, {}),
});
