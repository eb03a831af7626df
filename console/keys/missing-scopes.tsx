import { Dialog, DialogBody } from '../ui/dialog.tsx';
import { Problem } from '../ui/notice.tsx';

export interface MissingScopesProps {
  readonly title: string;
  readonly fault: unknown;
  readonly onRetry: () => void;
  readonly onClose: () => void;
}

/** Stands in for a form whose scopes could not be read. */
export function MissingScopes({ title, fault, onRetry, onClose }: MissingScopesProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogBody>
        <Problem fault={fault} onRetry={onRetry} />
      </DialogBody>
    </Dialog>
  );
}
