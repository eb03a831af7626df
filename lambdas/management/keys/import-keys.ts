import type { ImportAnswer, ImportResult } from '../answers/import-answers.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { readBody } from '../http/request-body.ts';
import { resolveWorkspaceCall } from '../workspaces/resolve-caller.ts';
import type { ImportOptions } from './import-decision.ts';
import { importEnvelope } from './import-row.ts';
import { importRows } from './import-rows.ts';

/** Imports up to a hundred keys of another system into the workspace in the path. Repeating it imports nothing twice. */
export function importKeysOperation(options: ImportOptions & { readonly ids: Ids }): Operation {
  return resolveWorkspaceCall(options, async (call) => {
    const { keys: rows, dry_run: isDryRun = false } = readBody(call.event, importEnvelope);
    const results = await importRows(options, {
      workspace: call.workspace,
      rows,
      changes: isDryRun ? 'only_tell' : 'make',
      now: call.now,
      newEvent: (subject) => makeChangeEvent(call, { ids: options.ids, ...subject }),
    });
    const count = (outcome: ImportResult['outcome']) =>
      results.filter((result) => result.outcome === outcome).length;
    const body: ImportAnswer = {
      results,
      imported: count('imported'),
      present: count('present'),
      skipped: count('skipped'),
    };
    return { status: 200, body };
  });
}
