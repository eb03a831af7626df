import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { EVENT_TYPES, OUTCOMES } from '../../../core/audit/audit-event.ts';
import type { EventFilter } from '../../../core/audit/event-store.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { invalidRequest } from '../../http/problem.ts';
import { choiceField, knownUserIdField, timeField } from '../http/field.ts';
import { assertParameters, type Page, pageAt } from '../http/page.ts';

const KEY_ID = 'the id of a key or of a token';
const ACTOR = 'the id of a credential or of a user';

function filtersOf(profile: Profile) {
  const user = knownUserIdField(profile);
  return {
    type: choiceField(EVENT_TYPES),
    key_id: v.pipe(
      v.string(KEY_ID),
      v.check((id) => isIdentifier('key', id) || isIdentifier('pat', id), KEY_ID),
    ),
    actor: v.pipe(
      v.string(ACTOR),
      v.check((id) => v.is(user, id), ACTOR),
    ),
    outcome: choiceField(OUTCOMES),
    from: timeField,
    to: timeField,
  };
}

/**
 * Reads which page of an audit log a call asks for, and which events of it.
 * @throws {ProblemError} 400.
 */
export function readEventPage(
  { queryStringParameters }: APIGatewayProxyEvent,
  profile: Profile,
): Page & { readonly filter: EventFilter } {
  const filters = filtersOf(profile);
  const { limit, cursor, type, key_id, actor, outcome, from, to, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', ...Object.keys(filters)]);
  const page = pageAt({ limit, cursor }, (id) => isIdentifier('evt', id));
  const filter: EventFilter = {
    type: read('type', filters.type, type),
    keyId: read('key_id', filters.key_id, key_id),
    actor: read('actor', filters.actor, actor),
    outcome: read('outcome', filters.outcome, outcome),
    from: read('from', filters.from, from),
    to: read('to', filters.to, to),
  };
  if (filter.from !== undefined && filter.to !== undefined && filter.to <= filter.from)
    throw invalidRequest('to', 'a time later than from');
  return { ...page, filter };
}

/** @returns `undefined` for a parameter that the call does not have. */
function read<Schema extends v.GenericSchema>(
  name: string,
  schema: Schema,
  text: string | undefined,
): v.InferOutput<Schema> | undefined {
  if (text === undefined) return undefined;
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) throw invalidRequest(name, parsed.issues[0].message);
  return parsed.output;
}
