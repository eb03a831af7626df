import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'isPending'> {
  /** Whether its call runs. The button stays where it is, and keeps the focus; the call ignores a second press. */
  readonly isBusy?: boolean;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'danger_plain' | 'quiet';
  readonly icon?: IconName;
  readonly children: string;
}

export function Button({ kind = 'plain', icon, isBusy = false, children, onPress, ...rest }: ButtonProps) {
  const press = isBusy || onPress === undefined ? {} : { onPress };
  return (
    <AriaButton {...rest} {...press} className={`button button-${kind}${isBusy ? ' button-busy' : ''}`}>
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  readonly icon: IconName;
  /** What it does, for people who do not see the picture. */
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <AriaButton {...rest} className="icon-button" aria-label={label}>
      <Icon name={icon} />
    </AriaButton>
  );
}
