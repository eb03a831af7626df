import * as v from 'valibot';
import { described, listOf, timeShape } from './answer-field.ts';

export type NewSessionAnswer = v.InferOutput<typeof newSessionAnswer>;
export const newSessionAnswer = v.strictObject({
  url: described(
    v.string(),
    'Lead the browser of the user there. It works once, and whoever opens it first is that user.',
  ),
  expires_at: described(timeShape, 'When the link stops working.'),
});

export type StartedSessionAnswer = v.InferOutput<typeof startedSessionAnswer>;
export const startedSessionAnswer = v.strictObject({
  session: described(v.string(), 'Begins with `kws_`. A bearer credential, which no later answer shows.'),
  expires_at: described(timeShape, 'Each use of the session makes it later, up to `ends_at`.'),
  ends_at: described(timeShape, 'No use of the session makes it later.'),
  user_id: v.string(),
  workspace: described(v.string(), 'The slug of the only workspace that the session reaches.'),
});

export type EndedSessionAnswer = v.InferOutput<typeof endedSessionAnswer>;
export const endedSessionAnswer = v.strictObject({
  id: described(v.string(), 'Begins with `ses_`. Events name the session by it.'),
});

export type EndedSessionsAnswer = v.InferOutput<typeof endedSessionsAnswer>;
export const endedSessionsAnswer = v.strictObject({
  sessions: described(
    listOf(
      v.strictObject({ ...endedSessionAnswer.entries, workspace: startedSessionAnswer.entries.workspace }),
    ),
    'What this call has ended: sessions, and links that nobody had opened.',
  ),
});
