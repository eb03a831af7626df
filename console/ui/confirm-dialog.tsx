import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog, DialogActions, DialogBody } from './dialog.tsx';
import { Problem } from './notice.tsx';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly isBusy: boolean;
  /** Why it was not done. */
  readonly fault: unknown;
  /** Whether something is still missing before it can be done. */
  readonly isDisabled?: boolean;
  /** A gentler way, which stands before the others. */
  readonly alternative?: ReactNode;
  /** What will stop, and for whom. */
  readonly children: ReactNode;
}

/** Asks before something ends. The focus begins on the way out. */
export function ConfirmDialog({
  title,
  action,
  onConfirm,
  onClose,
  isBusy,
  fault,
  isDisabled = false,
  alternative,
  children,
}: ConfirmDialogProps) {
  return (
    <Dialog title={title} role="alertdialog" size="small" onClose={onClose}>
      <DialogBody>
        {children}
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        {alternative}
        <Button onPress={onClose} autoFocus>
          Cancel
        </Button>
        <Button kind="danger" onPress={onConfirm} isBusy={isBusy} isDisabled={isDisabled}>
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
