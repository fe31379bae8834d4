import { SelectField, TextField } from '../parts/field.js';
import { roles, type Group } from '../shapes.js';
import { namespacedRoles, type Draft, type DraftGroup, type DraftPool } from './draft.js';
import type { FaultsAt } from './faults.js';

interface ListProps { readonly draft: Draft; readonly onDraft: (part: Partial<Draft>) => void; readonly faultsAt: FaultsAt }

/** The pools of a new cluster. */
export function PoolFields({ draft: { pools }, onDraft, faultsAt }: ListProps) {
  const change = (index: number, part: Partial<DraftPool>) => onDraft({ pools: pools.map((pool, at) => at === index ? { ...pool, ...part } : pool) });
  return <fieldset class="list"><legend>Node pools</legend>
    <Faults faults={faultsAt('/nodePools')} />
    {pools.map((pool, index) => {
      const field = (name: keyof DraftPool, label: string, more: { numeric?: boolean; mono?: boolean } = {}) => <TextField label={label} pointer={`/nodePools/${index}/${name}`} value={pool[name]} onValue={(value) => change(index, { [name]: value })} faults={faultsAt(`/nodePools/${index}/${name}`)} {...more} />;
      return <div key={index} role="group" aria-label={`Pool ${index + 1}`} class="item row">
        {field('name', 'Name')}{field('machineType', 'Machine type', { mono: true })}{field('minNodes', 'At least', { numeric: true })}{field('maxNodes', 'At most', { numeric: true })}{field('diskGiB', 'Disk, GiB', { numeric: true })}
        <RemoveButton what={`pool ${pool.name || index + 1}`} possible={pools.length > 1} onRemove={() => onDraft({ pools: pools.filter((_, at) => at !== index) })} />
      </div>;
    })}
    <button type="button" onClick={() => onDraft({ pools: [...pools, { name: '', machineType: pools.at(-1)?.machineType ?? '', minNodes: '1', maxNodes: '3', diskGiB: pools.at(-1)?.diskGiB ?? '100' }] })}>Add a pool</button>
  </fieldset>;
}

/** The groups that get access to a new cluster. */
export function GroupFields({ draft: { groups }, onDraft, faultsAt }: ListProps) {
  const change = (index: number, part: Partial<DraftGroup>) => onDraft({ groups: groups.map((group, at) => at === index ? { ...group, ...part } : group) });
  return <fieldset class="list"><legend>Groups with access</legend>
    <Faults faults={faultsAt('/access/groups')} />
    {groups.map((group, index) => {
      const pointer = `/access/groups/${index}`;
      return <div key={index} role="group" aria-label={`Group ${index + 1}`} class="item row">
        <TextField label="Object id" pointer={`${pointer}/id`} mono value={group.id} onValue={(id) => change(index, { id })} faults={faultsAt(`${pointer}/id`)} />
        <SelectField label="Role" pointer={`${pointer}/role`} value={group.role} onValue={(role) => change(index, { role: roleOf(role) })} options={roles.map((role) => [role, role] as const)} faults={faultsAt(`${pointer}/role`)} />
        {namespacedRoles.includes(group.role) && <TextField label="Namespaces" pointer={`${pointer}/namespaces`} hint="separated by commas" value={group.namespaces} onValue={(namespaces) => change(index, { namespaces })} faults={faultsAt(`${pointer}/namespaces`)} />}
        <RemoveButton what={`group ${index + 1}`} possible={groups.length > 1} onRemove={() => onDraft({ groups: groups.filter((_, at) => at !== index) })} />
      </div>;
    })}
    <button type="button" onClick={() => onDraft({ groups: [...groups, { id: '', role: 'developer', namespaces: '' }] })}>Add a group</button>
  </fieldset>;
}

function roleOf(text: string): Group['role'] {
  return roles.find((role) => role === text) ?? 'viewer';
}

function Faults({ faults }: { readonly faults: readonly string[] }) {
  return faults.length === 0 ? null : <p class="fault">{faults.join('; ')}</p>;
}

function RemoveButton({ what, possible, onRemove }: { readonly what: string; readonly possible: boolean; readonly onRemove: () => void }) {
  return possible ? <button type="button" class="quiet remove" onClick={onRemove}>Remove<span class="unseen"> {what}</span></button> : null;
}
