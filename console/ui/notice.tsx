import type { ReactNode } from 'react';
import { describeProblem, requestIdOf } from '../api/problem.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

export interface NoticeProps {
  readonly kind: 'info' | 'warning' | 'danger' | 'good';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Notice({ kind, children, action }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`}>
      <Icon name={kind === 'good' ? 'check' : kind === 'info' ? 'info' : 'warning'} />
      <div className="notice-text">{children}</div>
      {action}
    </div>
  );
}

/** Says what a call has refused. The request's id helps an operator to find it in the log. */
export function Problem({ fault, onRetry }: { readonly fault: unknown; readonly onRetry?: () => void }) {
  const id = requestIdOf(fault);
  return (
    <div role="alert">
      <Notice kind="danger" action={onRetry && <Button onPress={onRetry}>Try again</Button>}>
        <p>{describeProblem(fault)}</p>
        {id !== null && <p className="hint">Request {id}</p>}
      </Notice>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading {what}…</span>
      <span className="bone" />
      <span className="bone" />
      <span className="bone" />
    </div>
  );
}

export interface EmptyProps {
  readonly title: string;
  readonly children: ReactNode;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="empty">
      <Icon name="key" />
      <h2>{title}</h2>
      <div className="empty-text">{children}</div>
    </div>
  );
}
