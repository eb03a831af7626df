import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import { useApp, useWorkspace } from '../app-context.tsx';
import { isEmbedded } from '../embedded/embedding.ts';
import { NO_FILTER } from '../keys/key-filter.ts';
import type { Route } from '../location/route.ts';
import { goTo } from '../location/use-route.ts';
import { capitalise } from '../text/words.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { planNavigation, type Step, titleOf } from './navigation.ts';
import { OfflineBanner } from './offline.tsx';

/** The product's name, the workspace, the way to each view, and who is signed in; the view stands beside them. */
export function Frame({ route, children }: { readonly route: Route; readonly children: ReactNode }) {
  const { config } = useApp();
  const { membership } = useWorkspace();
  const menuButton = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const steps = planNavigation({ config, workspace: membership.slug, route });
  // The menu of a narrow window closes with each step.
  useEffect(() => setOpen(false), [route]);
  useEffect(() => {
    document.title = titleOf(route, config);
  }, [route, config]);
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape' || !isOpen) return;
    setOpen(false);
    menuButton.current?.focus();
  };
  if (isEmbedded())
    return (
      <main className="main" tabIndex={-1}>
        <OfflineBanner />
        {children}
      </main>
    );
  return (
    <div className="frame">
      <AriaButton className="skip" onPress={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </AriaButton>
      <header className="bar">
        <Brand />
        <Where />
        <IconButton
          icon={isOpen ? 'close' : 'menu'}
          ref={menuButton}
          label={isOpen ? 'Close the menu' : 'Open the menu'}
          aria-expanded={isOpen}
          onPress={() => setOpen(!isOpen)}
        />
      </header>
      <aside className={isOpen ? 'side side-open' : 'side'} onKeyDown={closeOnEscape}>
        <Brand />
        <WorkspaceSwitcher />
        <nav aria-label="Sections">
          <Steps steps={steps} onStep={() => setOpen(false)} />
        </nav>
        <SignedIn />
      </aside>
      <main id="main" className="main" tabIndex={-1}>
        <OfflineBanner />
        {children}
      </main>
    </div>
  );
}

export function Brand() {
  const { config } = useApp();
  return (
    <div className="brand">
      {config.logo === null ? (
        <span className="brand-mark" aria-hidden="true">
          {config.product.charAt(0).toUpperCase()}
        </span>
      ) : (
        <img className="brand-logo" src={`./${config.logo}`} alt="" />
      )}
      <span className="brand-name">{config.product}</span>
    </div>
  );
}

/** Whose keys a narrow window shows, while the menu with the rest is closed. */
function Where() {
  const { person, membership } = useWorkspace();
  return (
    <div className="where">
      <span className="where-line" dir="auto">
        {membership.name} ({membership.slug})
      </span>
      <span className="where-line hint" title={person.user}>
        {membership.member_name !== null && (
          <>
            <bdi>{membership.member_name}</bdi> ·{' '}
          </>
        )}
        {person.user}
      </span>
    </div>
  );
}

interface StepsProps {
  readonly steps: readonly Step[];
  /** Called also for the step to the view that is shown already. */
  readonly onStep: () => void;
}

function Steps({ steps, onStep }: StepsProps) {
  return (
    <ul className="steps-list">
      {steps.map(({ label, href, isHere, steps: inner }) => (
        <li key={label}>
          <a
            href={href}
            className="step"
            onClick={onStep}
            {...(isHere ? { 'aria-current': 'page' as const } : {})}
          >
            {label}
          </a>
          {inner.length > 0 && <Steps steps={inner} onStep={onStep} />}
        </li>
      ))}
    </ul>
  );
}

function WorkspaceSwitcher() {
  const { config } = useApp();
  const { person, membership } = useWorkspace();
  const choose = (workspace: string) => goTo({ view: 'keys', workspace, filter: NO_FILTER });
  const shown = (
    <>
      <span className="workspace-word">{capitalise(config.words.workspace)}</span>
      <span className="workspace-name" dir="auto">
        {membership.name}
      </span>
    </>
  );
  if (person.workspaces.length < 2) return <div className="workspace">{shown}</div>;
  return (
    <MenuTrigger>
      <AriaButton
        className="workspace workspace-button"
        aria-label={`Switch ${config.words.workspace}: ${membership.name}`}
      >
        {shown}
        <Icon name="chevron" />
      </AriaButton>
      <Popover className="popover" placement="bottom start">
        <Menu
          className="menu"
          selectionMode="single"
          selectedKeys={[membership.slug]}
          onAction={(slug) => choose(String(slug))}
        >
          {person.workspaces.map(({ slug, name, role }) => (
            <MenuItem key={slug} id={slug} textValue={name} className="menu-item">
              <Text slot="label" dir="auto">
                {name}
              </Text>
              <Text slot="description" className="hint">
                {slug} · {role}
              </Text>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function SignedIn() {
  const { signIn } = useApp();
  const { person, membership } = useWorkspace();
  return (
    <div className="signed-in">
      <div className="signed-in-who">
        <bdi className="user" title={membership.member_name ?? person.user}>
          {membership.member_name ?? person.user}
        </bdi>
        {membership.member_name !== null && (
          <code className="person-id" title={person.user}>
            {person.user}
          </code>
        )}
        <span className="hint">{capitalise(membership.role)}</span>
      </div>
      <Button kind="quiet" icon="out" onPress={() => signIn.signOut()}>
        Sign out
      </Button>
    </div>
  );
}
