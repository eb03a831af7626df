import { useRef, useState } from 'react';
import { Menu, MenuItem, Popover, Text } from 'react-aria-components';
import type { ApiKey, Scope } from '../api/records.ts';
import { useApp, useWorkspace } from '../app-context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { EditKey } from './edit-key.tsx';
import { DisableKey, EnableKey, RevokeKey } from './end-key.tsx';
import { rightsOn } from './key-rights.ts';
import { nameOfKey } from './key-words.ts';
import { RotateKey } from './rotate-key.tsx';

type Action = 'edit' | 'rotate' | 'disable' | 'enable' | 'revoke';

export interface KeyActionsProps {
  readonly apiKey: ApiKey;
  readonly catalogue: readonly Scope[];
  /** `row`: one button and a menu. `page`: a button for each action. */
  readonly shape: 'row' | 'page';
}

/** What a person can do with a key, each behind a dialog of its own. What they may not do is not offered, and says why. */
export function KeyActions({ apiKey, catalogue, shape }: KeyActionsProps) {
  const { config } = useApp();
  const { person, membership } = useWorkspace();
  const [open, setOpen] = useState<Action>();
  const rights = rightsOn(apiKey, { person, membership, features: config.features });
  const name = nameOfKey(apiKey);
  const toggle: Action = apiKey.status === 'disabled' ? 'enable' : 'disable';
  const offers: readonly Offer[] = [
    { action: 'edit', label: 'Edit', reason: rights.edit },
    { action: 'rotate', label: 'Rotate', reason: rights.rotate },
    { action: toggle, label: toggle === 'enable' ? 'Enable' : 'Disable', reason: rights.edit },
  ];
  const close = () => setOpen(undefined);
  return (
    <div className="actions">
      {shape === 'page' &&
        offers
          .filter(({ reason }) => reason === null)
          .map(({ action, label }) => (
            <Button key={action} onPress={() => setOpen(action)}>
              {label}
            </Button>
          ))}
      {rights.revoke === null && (
        <Button
          kind={shape === 'page' ? 'danger_plain' : 'plain'}
          aria-label={`Revoke ${name}`}
          onPress={() => setOpen('revoke')}
        >
          Revoke
        </Button>
      )}
      {shape === 'row' && apiKey.status !== 'revoked' && (
        <ActionMenu name={name} offers={offers} onAction={setOpen} />
      )}
      {open === 'edit' && <EditKey apiKey={apiKey} catalogue={catalogue} onClose={close} />}
      {open === 'rotate' && <RotateKey apiKey={apiKey} onClose={close} />}
      {open === 'disable' && <DisableKey apiKey={apiKey} onClose={close} />}
      {open === 'enable' && <EnableKey apiKey={apiKey} onClose={close} />}
      {open === 'revoke' && <RevokeKey apiKey={apiKey} onClose={close} />}
    </div>
  );
}

interface Offer {
  readonly action: Action;
  readonly label: string;
  /** Why the person may not; `null` where they may. */
  readonly reason: string | null;
}

interface ActionMenuProps {
  readonly name: string;
  readonly offers: readonly Offer[];
  readonly onAction: (action: Action) => void;
}

/** The menu is made when it opens: a list has a hundred of them. */
function ActionMenu({ name, offers, onAction }: ActionMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const label = `More for ${name}`;
  return (
    <>
      <IconButton
        ref={button}
        icon="more"
        label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPress={() => setOpen(true)}
      />
      {isOpen && (
        <Popover className="popover" placement="bottom end" triggerRef={button} isOpen onOpenChange={setOpen}>
          <Menu
            className="menu"
            aria-label={label}
            autoFocus="first"
            onClose={() => setOpen(false)}
            onAction={(key) => onAction(key as Action)}
            disabledKeys={offers.filter(({ reason }) => reason !== null).map(({ action }) => action)}
          >
            {offers.map(({ action, label, reason }) => (
              <MenuItem key={action} id={action} textValue={label} className="menu-item">
                <Text slot="label">{label}</Text>
                {reason !== null && (
                  <Text slot="description" className="hint">
                    {reason}
                  </Text>
                )}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      )}
    </>
  );
}
