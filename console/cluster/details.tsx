import { Section } from '../parts/page.js';
import { State, toneOfAddon, toneOfCondition } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago, Until } from '../parts/time.js';
import type { Cluster } from '../shapes.js';

/** What the observer has seen of a cluster. */
export function Health({ conditions }: Pick<Cluster, 'conditions'>) {
  return <Section title="Health"><Table caption="Conditions" rows={conditions} keyOf={({ type }) => type} empty="Nobody has looked yet: a ready cluster is looked at every minute." columns={[
    { title: 'Condition', cell: ({ type }) => type },
    { title: 'Status', cell: (condition) => <State tone={toneOfCondition(condition)}>{condition.status}</State> },
    { title: 'Why', cell: ({ message, reason }) => message === '' ? reason : message },
    { title: 'Seen', cell: ({ observedAt }) => <Ago at={observedAt} /> },
  ]} /></Section>;
}

/** Who may do what in a cluster. */
export function Access({ spec: { access } }: Pick<Cluster, 'spec'>) {
  return <Section title="Access" note={<>Groups of Microsoft Entra ID, in the tenant <code>{access.entra.tenantId}</code>. People are never bound by themselves.</>}>
    <Table caption="Groups with access" rows={access.groups} keyOf={({ id, role }) => `${id} ${role}`} empty="No group has access." columns={[
      { title: 'Group', cell: ({ id }) => <code>{id}</code> },
      { title: 'Role', cell: ({ role }) => role },
      { title: 'Where', cell: ({ namespaces }) => namespaces === undefined ? 'the whole cluster' : namespaces.join(', ') },
    ]} />
    {access.grants.length > 0 && <Table caption="Temporary access" rows={access.grants} keyOf={({ id }) => id} empty="" columns={[
      { title: 'Group', cell: ({ group }) => <code>{group}</code> },
      { title: 'Role', cell: ({ role }) => role },
      { title: 'Where', cell: ({ namespaces }) => namespaces === undefined ? 'the whole cluster' : namespaces.join(', ') },
      { title: 'Ends', cell: ({ until }) => <Until at={until} /> },
      { title: 'Why', cell: ({ reason, grantedBy }) => <>{reason}<span class="hint"> granted by {grantedBy}</span></> },
    ]} />}
    {access.pipelines.length > 0 && <Table caption="Pipelines with access" rows={access.pipelines} keyOf={({ name }) => name} empty="" columns={[
      { title: 'Pipeline', cell: ({ name }) => name },
      { title: 'Where', cell: ({ namespace }) => namespace },
    ]} />}
  </Section>;
}

/** What is installed in a cluster. */
export function Addons({ addons }: Pick<Cluster, 'addons'>) {
  return <Section title="Add-ons"><Table caption="Add-ons" rows={[...addons].sort((a, b) => a.name.localeCompare(b.name))} keyOf={({ name }) => name} empty="None was seen yet." columns={[
    { title: 'Name', cell: ({ name }) => name },
    { title: 'Version', cell: ({ version }) => <code>{version}</code> },
    { title: 'State', cell: ({ state, reason }) => <><State tone={toneOfAddon(state)}>{state}</State>{reason !== undefined && <span class="hint"> {reason}</span>}</> },
    { title: 'Address', cell: ({ url }) => url === null ? <span class="faint">inside only</span> : <a href={url} rel="noreferrer">{url}</a> },
  ]} /></Section>;
}

/** The namespaces that the spec asks for. */
export function Namespaces({ spec: { namespaces } }: Pick<Cluster, 'spec'>) {
  return <Section title="Namespaces"><Table caption="Namespaces" rows={namespaces} keyOf={({ name }) => name} empty="The spec names none." columns={[
    { title: 'Name', cell: ({ name }) => name },
    { title: 'Processors', cell: ({ quota }) => quota.cpu },
    { title: 'Memory', cell: ({ quota }) => quota.memory },
    { title: 'Pod security', cell: ({ podSecurity }) => podSecurity },
  ]} /></Section>;
}
