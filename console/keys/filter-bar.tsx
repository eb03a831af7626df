import { Button, Input, Label, SearchField, ToggleButton } from 'react-aria-components';
import { KEY_STATUSES, type Scope } from '../api/records.ts';
import { useWorkspace } from '../app-context.tsx';
import { fullNameOf, type MemberNames } from '../members/member-names.ts';
import { capitalise } from '../text/words.ts';
import { Icon } from '../ui/icon.tsx';
import { Select } from '../ui/select.tsx';
import { EXPIRING_DAYS, type KeyFilter, UNUSED_DAYS } from './key-filter.ts';
import { reachesAll } from './scope-choice.ts';

export interface FilterBarProps {
  readonly filter: KeyFilter;
  readonly catalogue: readonly Scope[];
  /** `undefined` while the members are not known. */
  readonly members: MemberNames | undefined;
  readonly onChange: (filter: KeyFilter) => void;
}

const STATUSES = KEY_STATUSES.map((value) => ({ value, label: capitalise(value) }));

/** Narrows the list down. Every choice stands in the address of the page. */
export function FilterBar({ filter, catalogue, members, onChange }: FilterBarProps) {
  const { person, membership } = useWorkspace();
  const makers = new Set(members?.keys()).add(filter.maker);
  makers.delete('');
  const set = (part: Partial<KeyFilter>) => onChange({ ...filter, ...part });
  return (
    <search className="filters">
      <SearchField className="search" value={filter.search} onChange={(search) => set({ search })}>
        <Label className="visually-hidden">Search keys</Label>
        <Icon name="search" />
        <Input className="input" placeholder="Search keys" />
        {filter.search !== '' && (
          <Button className="icon-button" aria-label="Clear the search">
            <Icon name="close" />
          </Button>
        )}
      </SearchField>
      <Select
        label="Status"
        value={filter.status}
        choices={[{ value: '' as const, label: 'Any status' }, ...STATUSES]}
        onChange={(status) => set({ status })}
      />
      {catalogue.length > 0 && (
        <Select
          label="Scope"
          value={filter.scope}
          choices={[
            { value: '', label: 'Any scope' },
            ...catalogue.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(scope) => set({ scope })}
        />
      )}
      {reachesAll(membership) && (makers.size > 1 || filter.maker !== '') && (
        <Select
          label="Created by"
          value={filter.maker}
          choices={[
            { value: '', label: 'Any creator' },
            ...[...makers].map((id) => ({
              value: id,
              label: fullNameOf(id, { ownId: person.user, names: members }),
            })),
          ]}
          onChange={(maker) => set({ maker })}
        />
      )}
      <div className="filter-group filter-strip">
        <Toggle isOn={filter.isUnused} onChange={(isUnused) => set({ isUnused })}>
          {`Unused for ${UNUSED_DAYS} days`}
        </Toggle>
        <Toggle isOn={filter.isExpiring} onChange={(isExpiring) => set({ isExpiring })}>
          {`Expires within ${EXPIRING_DAYS} days`}
        </Toggle>
        {members !== undefined && (
          <Toggle isOn={filter.isOrphaned} onChange={(isOrphaned) => set({ isOrphaned })}>
            Creator has left
          </Toggle>
        )}
      </div>
    </search>
  );
}

interface ToggleProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: string;
}

function Toggle({ isOn, onChange, children }: ToggleProps) {
  return (
    <ToggleButton className="toggle" isSelected={isOn} onChange={onChange}>
      {children}
    </ToggleButton>
  );
}
