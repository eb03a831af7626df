import { useChanged } from '../api/queries.ts';
import type { Token } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import { describeUse } from '../keys/key-words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { Problem } from '../ui/notice.tsx';
import { useCall } from '../ui/use-call.ts';

/** Asks before a token ends for good. */
export function RevokeToken({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const { api } = useApp();
  const now = useNow();
  const tokensChanged = useChanged('tokens');
  const { isBusy, fault, run } = useCall(onClose);
  const revoke = () =>
    run(async () => {
      await api.tokens.revoke({ token: token.id });
      await tokensChanged();
      return `${token.name} was revoked.`;
    });
  return (
    <Dialog title={`Revoke ${token.name}?`} role="alertdialog" size="small" onClose={onClose}>
      <DialogBody>
        <p>
          The token stops working at once, and for good. <strong>Nobody can bring it back.</strong>
        </p>
        <p>{describeUse(token, now)}</p>
        {fault !== undefined && <Problem fault={fault} />}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose} autoFocus>
          Cancel
        </Button>
        <Button kind="danger" onPress={revoke} isBusy={isBusy}>
          Revoke token
        </Button>
      </DialogActions>
    </Dialog>
  );
}
