import { useChanged } from '../api/queries.ts';
import type { Token } from '../api/records.ts';
import { useApp, useNow } from '../app-context.tsx';
import { describeUse } from '../keys/key-words.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
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
    <ConfirmDialog
      title={`Revoke ${token.name}?`}
      action="Revoke token"
      onConfirm={revoke}
      onClose={onClose}
      isBusy={isBusy}
      fault={fault}
    >
      <p>
        The token stops working at once, and for good. <strong>Nobody can bring it back.</strong>
      </p>
      <p>{describeUse(token, now)}</p>
    </ConfirmDialog>
  );
}
