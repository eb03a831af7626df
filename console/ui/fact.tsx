import type { ReactNode } from 'react';

export interface FactProps {
  readonly name: string;
  /** `wide`: over all columns, for longer texts. */
  readonly shape?: 'narrow' | 'wide';
  readonly children: ReactNode;
}

/** One row of a list of facts. */
export function Fact({ name, shape = 'narrow', children }: FactProps) {
  return (
    <div className={`fact fact-${shape}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
