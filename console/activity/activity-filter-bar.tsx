import { useMemberNames } from '../api/queries.ts';
import { useWorkspace } from '../app-context.tsx';
import { fullNameOf } from '../members/member-names.ts';
import { DayField } from '../ui/day-field.tsx';
import { Select } from '../ui/select.tsx';
import { ACTIVITY_KINDS, type ActivityFilter } from './activity-filter.ts';

export interface ActivityFilterBarProps {
  readonly filter: ActivityFilter;
  /** The names of the newest keys, by their ids. */
  readonly keyNames: ReadonlyMap<string, string>;
  readonly onChange: (filter: ActivityFilter) => void;
}

/** Narrows the log down. Every choice stands in the address of the page. */
export function ActivityFilterBar({ filter, keyNames, onChange }: ActivityFilterBarProps) {
  const { person, membership } = useWorkspace();
  const names = useMemberNames(membership.slug);
  const set = (part: Partial<ActivityFilter>) => onChange({ ...filter, ...part });
  return (
    <search className="filters">
      <Select
        label="What is shown"
        value={filter.kind}
        choices={ACTIVITY_KINDS}
        onChange={(kind) => set({ kind })}
      />
      <Select
        label="By"
        value={filter.actor}
        choices={choicesOf({
          ids: names?.keys() ?? [],
          chosen: filter.actor,
          all: 'By anybody',
          nameOf: (id) => `By ${fullNameOf(id, { ownId: person.user, names })}`,
        })}
        onChange={(actor) => set({ actor })}
      />
      <Select
        label="Key"
        value={filter.key}
        choices={choicesOf({
          ids: keyNames.keys(),
          chosen: filter.key,
          all: 'Any key',
          nameOf: (id) => keyNames.get(id) ?? id,
        })}
        onChange={(key) => set({ key })}
      />
      <div className="filter-group">
        <DayField label="From" value={filter.from} onChange={(from) => set({ from })} />
        <DayField label="To" value={filter.to} onChange={(to) => set({ to })} />
      </div>
    </search>
  );
}

interface Choosing {
  readonly ids: Iterable<string>;
  /** An id from the address: the list need not have it. */
  readonly chosen: string;
  /** What is said where nothing is chosen. */
  readonly all: string;
  readonly nameOf: (id: string) => string;
}

function choicesOf({ ids, chosen, all, nameOf }: Choosing) {
  const known = new Set(ids).add(chosen);
  known.delete('');
  return [{ value: '', label: all }, ...[...known].map((id) => ({ value: id, label: nameOf(id) }))];
}
