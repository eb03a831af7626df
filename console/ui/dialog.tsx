import { type ReactNode, useEffect } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { tellHostOfDialog } from '../embedded/embedding.ts';
import { IconButton } from './button.tsx';
import { useWayBack } from './way-back.ts';

export interface DialogProps {
  readonly title: string;
  /** Asked for by Escape, a click outside and the cross. The owner decides whether the dialog closes. */
  readonly onClose: () => void;
  readonly size?: 'small' | 'medium';
  /** `alertdialog` is for a question before something that cannot be undone. */
  readonly role?: 'dialog' | 'alertdialog';
  /** Whether a click outside asks to close it. A form with typed text does not. */
  readonly isDismissable?: boolean;
  readonly children: ReactNode;
}

export function Dialog({
  title,
  onClose,
  size = 'medium',
  role = 'dialog',
  isDismissable = true,
  children,
}: DialogProps) {
  useHiddenPage();
  useWayBack();
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={isDismissable}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Modal className={`modal modal-${size}`}>
        <AriaDialog className="dialog" role={role}>
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <IconButton icon="close" label="Close" onPress={onClose} />
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

let openDialogs = 0;

/** React Aria makes the page inert. Programs that do not know `inert` understand this. */
function useHiddenPage(): void {
  useEffect(() => {
    const page = document.getElementById('app');
    openDialogs++;
    tellHostOfDialog();
    page?.setAttribute('aria-hidden', 'true');
    return () => {
      openDialogs--;
      if (openDialogs === 0) page?.removeAttribute('aria-hidden');
    };
  }, []);
}

export function DialogBody({ children }: { readonly children: ReactNode }) {
  return <div className="dialog-body">{children}</div>;
}

export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <footer className="dialog-actions">{children}</footer>;
}
