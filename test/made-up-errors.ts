import type { ErrorBodies } from '../core/errors/error-body.ts';
import { parseProfile } from '../core/profile/parse-profile.ts';
import standard from '../profiles/standard.json' with { type: 'json' };

/** The `errors` of a made-up product: a template, one of a status, words with all that JSON escapes. */
export const ERRORS_DATA = {
  template: {
    ok: false,
    error: { type: '{code}', text: '{title}: {detail}', http: '{status}', needs: '{required_scope}' },
    hint: 'scope={required_scope}.txt ({code}{status})',
    trace: ['{request_id}', 'https://status.example/{status}'],
  },
  by_status: {
    '401': { detail: 'Wer sind Sie? "Niemand" \\ 열쇠' },
    '403': { title: 'Nein', detail: 'Das geht "so" nicht \\ 안 돼요' },
    '404': { detail: 'Nothing here' },
    '429': { template: { slow_down: '{detail}', http: '{status}' } },
  },
  by_code: { insufficient_scope: { detail: 'Your key is "too small" \\ 권한' } },
};

export const ERRORS = parseProfile({ ...standard, errors: ERRORS_DATA }).errors as ErrorBodies;

/** What the template for all errors comes to. */
export function madeUpBody(
  status: number,
  code: string,
  title: string,
  detail: string,
  scope: string | null = null,
): object {
  return {
    ok: false,
    error: { type: code, text: `${title}: ${detail}`, http: status, needs: scope },
    hint: `scope=${scope ?? ''}.txt (${code}${status})`,
    trace: ['request-1', `https://status.example/${status}`],
  };
}

const { '401': unauthorized, '403': forbidden } = ERRORS_DATA.by_status;
const { insufficient_scope: lacking } = ERRORS_DATA.by_code;

/** The bodies of the refusals, whoever answers them, for a request called `request-1`. */
export const REFUSED_BODIES = {
  unauthorized: madeUpBody(401, 'unauthorized', 'Unauthorized', unauthorized.detail),
  forbidden: madeUpBody(403, 'forbidden', forbidden.title, forbidden.detail),
  lacking: (scope: string) => madeUpBody(403, 'insufficient_scope', forbidden.title, lacking.detail, scope),
} as const;
