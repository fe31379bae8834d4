import { Section } from '../parts/page.js';
import { Table } from '../parts/table.js';
import type { Cluster } from '../shapes.js';
import { Grants, whereColumn } from './grants.js';

/** Who may do what in a cluster. */
export function Access({ cluster }: { readonly cluster: Cluster }) {
  const { access } = cluster.spec;
  return <Section title="Access" note={<>Groups of Microsoft Entra ID, in the tenant <code>{access.entra.tenantId}</code>. People are never bound by themselves.</>}>
    <Table caption="Groups with access" rows={access.groups} keyOf={({ id, role }) => `${id} ${role}`} empty="No group has access." columns={[
      { title: 'Group', cell: ({ id }) => <code>{id}</code> },
      { title: 'Role', cell: ({ role }) => role },
      whereColumn,
    ]} />
    {access.pipelines.length > 0 && <Table caption="Pipelines with access" rows={access.pipelines} keyOf={({ name }) => name} empty="" columns={[
      { title: 'Pipeline', cell: ({ name }) => name },
      { title: 'Where', cell: ({ namespace }) => namespace },
    ]} />}
    <Grants cluster={cluster} />
  </Section>;
}
