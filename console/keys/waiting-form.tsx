import { useScopesState } from '../api/queries.ts';
import { Dialog, DialogBody } from '../ui/dialog.tsx';
import { Loading, Problem } from '../ui/notice.tsx';

export interface WaitingFormProps {
  readonly title: string;
  readonly onClose: () => void;
}

/** Stands in for a form until the scopes that it offers are there. */
export function WaitingForm({ title, onClose }: WaitingFormProps) {
  const { fault, retry } = useScopesState();
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogBody>
        {fault === null ? <Loading what="the scopes" /> : <Problem fault={fault} onRetry={retry} />}
      </DialogBody>
    </Dialog>
  );
}
