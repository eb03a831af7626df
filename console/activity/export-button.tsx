import { useState } from 'react';
import type { EventQuery } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { formatTime } from '../text/relative-time.ts';
import { Button } from '../ui/button.tsx';
import { Notice, Problem } from '../ui/notice.tsx';
import { type EventExport, exportEvents } from './event-export.ts';

const MOST_EXPORTED = 100_000;

/** Saves the events that a query finds as a file. It says how far it is, and where it had to stop. */
export function ExportButton({ query }: { readonly query: EventQuery }) {
  const { api } = useApp();
  const { membership } = useWorkspace();
  const [count, setCount] = useState<number>();
  const [done, setDone] = useState<EventExport>();
  const [fault, setFault] = useState<unknown>();
  const isBusy = count !== undefined;
  const download = async () => {
    setCount(0);
    setDone(undefined);
    setFault(undefined);
    try {
      const log = api.events.listAll({ workspace: membership.slug, ...query, limit: 100 });
      const made = await exportEvents(log, { most: MOST_EXPORTED, onProgress: setCount });
      saveFile(`activity-${membership.slug}.csv`, made.text);
      setDone(made);
    } catch (refusal) {
      setFault(refusal);
    }
    setCount(undefined);
  };
  return (
    <>
      <Button onPress={download} isBusy={isBusy}>
        {count === undefined ? 'Export as CSV' : `Exporting: ${count.toLocaleString('en')} events so far`}
      </Button>
      {done?.stoppedAt && (
        <Notice kind="warning">
          <p>
            The file holds the newest {done.count.toLocaleString('en')} events. It goes back to{' '}
            {formatTime(done.stoppedAt.at)}. For earlier ones, choose that day as the last day and export
            again.
          </p>
        </Notice>
      )}
      {fault !== undefined && <Problem fault={fault} />}
    </>
  );
}

function saveFile(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
