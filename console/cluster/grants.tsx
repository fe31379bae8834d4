import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemNotice } from '../parts/problem.js';
import { Table, type Column } from '../parts/table.js';
import { Until } from '../parts/time.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { AccessGrant, Cluster } from '../shapes.js';
import { GrantDialog } from './grant-dialog.js';
import { hindrance } from './standing.js';

/** Where a role holds. */
export const whereColumn: Column<{ readonly namespaces?: readonly string[] | undefined }> = { title: 'Where', cell: ({ namespaces }) => namespaces === undefined ? 'the whole cluster' : namespaces.join(', ') };

/** Who has access until when: it is given and taken back here. */
export function Grants({ cluster }: { readonly cluster: Cluster }) {
  const [giving, setGiving] = useState(false);
  const [taken, setTaken] = useState<AccessGrant>();
  const unavailable = hindrance(cluster) !== undefined;
  const { grants } = cluster.spec.access;
  return <>
    {grants.length > 0 && <Table caption="Temporary access" rows={grants} keyOf={({ id }) => id} empty="" columns={[
      { title: 'Group', cell: ({ group }) => <code>{group}</code> },
      { title: 'Role', cell: ({ role }) => role },
      whereColumn,
      { title: 'Ends', cell: ({ until }) => <Until at={until} /> },
      { title: 'Why', cell: ({ reason, grantedBy }) => <>{reason}<span class="hint"> granted by {grantedBy}</span></> },
      { title: 'Change', cell: (grant) => <button type="button" disabled={unavailable} onClick={() => setTaken(grant)}>Take back…<span class="unseen"> {grant.role} of {grant.group}</span></button> },
    ]} />}
    <div class="choices below"><button type="button" disabled={unavailable} onClick={() => setGiving(true)}>Give access for a time…</button></div>
    {giving && <GrantDialog cluster={cluster} onClose={() => setGiving(false)} />}
    {taken !== undefined && <TakeBackDialog name={cluster.name} grant={taken} onClose={() => setTaken(undefined)} />}
  </>;
}

function TakeBackDialog({ name, grant: { id, group, role, until }, onClose }: { readonly name: string; readonly grant: AccessGrant; readonly onClose: () => void }) {
  const { client } = useService();
  const action = useAction(async () => go(at.job((await client.revokeAccess(name, id)).job.id)));
  return <Dialog title="Take access back?" onClose={onClose}>
    <p><code>{group}</code> is {role} of {name} no longer, although it would be until <time dateTime={until}>{until}</time>. A connection that is open goes on until it is closed.</p>
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind="danger">Take it back</ActionButton><button type="button" onClick={onClose}>Leave it</button></div>
  </Dialog>;
}
