import type { ComponentProps, MouseEvent } from 'react';
import { Icon, type IconName } from './icon.tsx';

/** As the browser's own button. React Aria's costs a list of 100 of them a noticeable time. */
type NativeProps = Omit<
  ComponentProps<'button'>,
  'className' | 'style' | 'children' | 'disabled' | 'onClick'
>;

interface PressProps extends NativeProps {
  readonly onPress?: () => void;
}

export interface ButtonProps extends PressProps {
  /** Whether its call runs. The button stays where it is, and keeps the focus; the call ignores a second press. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'danger_plain' | 'quiet';
  readonly icon?: IconName;
  readonly children: string;
}

export function Button({
  kind = 'plain',
  icon,
  isBusy = false,
  isDisabled = false,
  children,
  onPress,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={isDisabled}
      className={`button button-${kind}${isBusy ? ' button-busy' : ''}`}
      onClick={(event) => press(event, isBusy ? undefined : onPress)}
    >
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps extends PressProps {
  readonly icon: IconName;
  /** What it does, for people who do not see the picture. */
  readonly label: string;
}

export function IconButton({ icon, label, onPress, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className="icon-button"
      aria-label={label}
      onClick={(event) => press(event, onPress)}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Safari gives a button that is clicked no focus. Without it, a dialog that closes could not give the focus back. */
function press({ currentTarget }: MouseEvent<HTMLButtonElement>, onPress: (() => void) | undefined): void {
  currentTarget.focus();
  onPress?.();
}
