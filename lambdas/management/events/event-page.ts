import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { EVENT_TYPES, OUTCOMES } from '../../../core/audit/audit-event.ts';
import type { EventFilter } from '../../../core/audit/event-store.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { invalidRequest } from '../../http/problem.ts';
import { choice, knownUserId, time } from '../http/field.ts';
import { assertParameters, type Page, pageAt } from '../http/page.ts';

const KEY_ID = 'the id of a key or of a token';
const ACTOR = 'the id of a credential or of a user';

const FILTERS = {
  type: choice(EVENT_TYPES),
  key_id: v.pipe(
    v.string(KEY_ID),
    v.check((id) => isIdentifier('key', id) || isIdentifier('pat', id), KEY_ID),
  ),
  actor: v.pipe(
    v.string(ACTOR),
    v.check((id) => v.is(knownUserId, id), ACTOR),
  ),
  outcome: choice(OUTCOMES),
  from: time,
  to: time,
};

/**
 * The page of the audit log that a call asks for, and which events are wanted there.
 * @throws {ProblemError} 400.
 */
export function readEventPage({
  queryStringParameters,
}: APIGatewayProxyEvent): Page & { readonly filter: EventFilter } {
  const { limit, cursor, type, key_id, actor, outcome, from, to, ...unknown } = queryStringParameters ?? {};
  assertParameters(unknown, ['limit', 'cursor', ...Object.keys(FILTERS)]);
  const page = pageAt({ limit, cursor }, (id) => isIdentifier('evt', id));
  const filter = withoutAbsent({
    type: read('type', type),
    keyId: read('key_id', key_id),
    actor: read('actor', actor),
    outcome: read('outcome', outcome),
    from: read('from', from),
    to: read('to', to),
  });
  const { from: first, to: end } = filter;
  if (first !== undefined && end !== undefined && end <= first)
    throw invalidRequest('to', 'a time later than from');
  return { ...page, filter };
}

function read<Name extends keyof typeof FILTERS>(
  name: Name,
  text: string | undefined,
): v.InferOutput<(typeof FILTERS)[Name]> | undefined {
  if (text === undefined) return undefined;
  const parsed = v.safeParse<(typeof FILTERS)[Name]>(FILTERS[name], text);
  if (!parsed.success) throw invalidRequest(name, parsed.issues[0].message);
  return parsed.output;
}

type Present<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>;
}
