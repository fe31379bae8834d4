import { Section } from '../parts/page.js';
import { State, toneOfAddon, toneOfCondition } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
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
