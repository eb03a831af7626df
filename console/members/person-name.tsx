import { useWorkspace } from '../app-context.tsx';
import type { MemberNames } from './member-names.ts';

export interface PersonNameProps {
  readonly id: string;
  readonly names: MemberNames | undefined;
}

/** A user by their name, with the id beneath it: a name proves nothing, and two people may have the same one. */
export function PersonName({ id, names }: PersonNameProps) {
  const { person } = useWorkspace();
  if (id === person.user)
    return (
      <span className="user" title={id}>
        You
      </span>
    );
  const name = names?.get(id) ?? null;
  return (
    <span className="person">
      <bdi className="user" title={name ?? id}>
        {name ?? id}
      </bdi>
      {name !== null && (
        <code className="person-id" title={id}>
          {id}
        </code>
      )}
    </span>
  );
}
