import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.js';
import { ActionButton, useAction } from '../parts/action.js';
import { TextField } from '../parts/field.js';
import { Section } from '../parts/page.js';
import { faultsAt, ProblemNotice } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { isPlanned, usePreview } from '../plan/preview.js';
import { PreviewView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster, NodePool } from '../shapes.js';
import { boundsOf } from './drawing.js';

/** A cluster's pools of worker nodes. */
export function Pools({ cluster }: { readonly cluster: Cluster }) {
  const [scaled, setScaled] = useState<string>();
  const pool = cluster.spec.nodePools.find(({ name }) => name === scaled);
  return <Section title="Node pools">
    <Table caption="Node pools" rows={cluster.spec.nodePools} keyOf={({ name }) => name} empty="There is none." columns={[
      { title: 'Name', cell: ({ name }) => name },
      { title: 'Machines', cell: ({ machineType }) => <code>{machineType}</code> },
      { title: 'Bounds', cell: ({ minNodes, maxNodes }) => boundsOf(minNodes, maxNodes) },
      { title: 'Disk', cell: ({ diskGiB }) => `${diskGiB} GiB` },
      { title: 'Change', cell: ({ name }) => <button type="button" disabled={cluster.state === 'hibernated'} onClick={() => setScaled(name)}>Scale<span class="unseen"> {name}</span></button> },
    ]} />
    {pool && <ScaleDialog cluster={cluster} pool={pool} onClose={() => setScaled(undefined)} />}
  </Section>;
}

/** Asks for other bounds of a pool: the plan first, on the version that was looked at. */
function ScaleDialog({ cluster, pool, onClose }: { readonly cluster: Cluster; readonly pool: NodePool; readonly onClose: () => void }) {
  const { client } = useService();
  // The page behind goes on looking: what is changed is what was there when this was opened.
  const [{ spec, version }] = useState(cluster);
  const index = spec.nodePools.findIndex(({ name }) => name === pool.name);
  const [least, setLeast] = useState(String(pool.minNodes));
  const [most, setMost] = useState(String(pool.maxNodes));
  const { preview, ask, clear } = usePreview();
  const patch = () => ({ nodePools: spec.nodePools.map((one) => one.name === pool.name ? { ...one, minNodes: wholeNumber(least), maxNodes: wholeNumber(most) } : one) });
  const apply = useAction(async () => {
    const { job } = await client.updateCluster(cluster.name, patch(), { ifMatch: version });
    go(at.job(job.id));
  });
  const refused = preview.step === 'refused' ? preview.error : undefined;
  const changed = (set: (value: string) => void) => (value: string) => {
    set(value);
    clear();
  };
  return <Dialog title={`Scale ${pool.name}`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      ask((signal) => client.updateCluster(cluster.name, patch(), { dryRun: true, ifMatch: version, signal }));
    }}>
      <p class="hint">{pool.machineType}. Within these bounds the autoscaler decides.</p>
      <div class="row">
        <TextField label="At least" pointer={`/nodePools/${index}/minNodes`} numeric value={least} onValue={changed(setLeast)} faults={faultsAt(refused, `/nodePools/${index}/minNodes`)} />
        <TextField label="At most" pointer={`/nodePools/${index}/maxNodes`} numeric value={most} onValue={changed(setMost)} faults={faultsAt(refused, `/nodePools/${index}/maxNodes`)} />
      </div>
      <PreviewView preview={preview} />
      <ProblemNotice error={apply.error} />
      <div class="choices">
        {isPlanned(preview) ? <ActionButton action={apply} kind="primary">Apply the change</ActionButton> : <button type="submit" class="primary" aria-disabled={preview.step === 'asking' || preview.step === 'working'}>Show the plan</button>}
        <button type="button" onClick={onClose}>Close</button>
      </div>
    </form>
  </Dialog>;
}

/** The number that a text is; what is none is sent as it is, for the service to say so. */
export function wholeNumber(text: string): number {
  return (/^\s*-?\d+\s*$/.test(text) ? Number(text) : text) as number;
}
