import { useState } from 'react';
import { countOf } from '../text/words.ts';
import { Button } from '../ui/button.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { isSelectable, type KeySelection } from './key-selection.ts';
import type { MatchingKeys } from './matching-keys.ts';

export interface BulkBarProps {
  readonly list: MatchingKeys;
  readonly selection: KeySelection;
}

/** What can be done with all ticked keys at once; shown while there are any. */
export function BulkBar({ list, selection }: BulkBarProps) {
  const [action, setAction] = useState<'disable' | 'revoke'>();
  const count = selection.keys.length;
  if (count === 0 && action === undefined) return null;
  const isAll = list.isComplete && count >= list.found.filter(isSelectable).length;
  return (
    <>
      {count > 0 && (
        <div className="bulk">
          <span role="status">{countOf(count, 'key')} selected</span>
          {!isAll && (
            <Button kind="quiet" onPress={selection.tickAll} isBusy={selection.isGathering}>
              Select all that match
            </Button>
          )}
          <Button kind="quiet" onPress={selection.clear}>
            Clear
          </Button>
          <span className="bulk-actions">
            <Button onPress={() => setAction('disable')}>Disable selected</Button>
            <Button kind="danger_plain" onPress={() => setAction('revoke')}>
              Revoke selected
            </Button>
          </span>
        </div>
      )}
      {action !== undefined && (
        <BulkDialog
          action={action}
          keys={selection.keys}
          onClose={() => {
            setAction(undefined);
            selection.clear();
          }}
        />
      )}
    </>
  );
}
