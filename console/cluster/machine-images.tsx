import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { useLoaded } from '../parts/loaded.js';
import { Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { State } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster } from '../shapes.js';
import { hindrance, isIncomplete } from './standing.js';
import { beginningQuery, WindowChoice, type Beginning } from './window-choice.js';

/** What the machines of a cluster were made from, and what replaces those that are behind. */
export function MachineImages({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, lastJob } = cluster;
  const loaded = useLoaded((signal) => client.upgradeReadiness(name, { signal }), [name, lastJob?.id, lastJob?.state]);
  const [asked, setAsked] = useState(false);
  const found = loaded.value?.machineImages ?? undefined;
  const behind = found?.machines.filter((machine) => machine.behind).length;
  return <Section title="Images of machines" note="Machines keep the image that they were made from. Those that are behind are replaced as in an upgrade, within the cluster's minor of Kubernetes.">
    <StaleNotice error={loaded.error} />
    {found !== undefined && <p class="note">{behind === 0 ? 'No machine is behind' : `${behind} of ${found.machines.length} machines ${behind === 1 ? 'is' : 'are'} behind`} image <code>{found.current.id}</code>{dayOf(found.current)} and Kubernetes {found.kubernetesRelease}, <Ago at={found.observedAt} />.</p>}
    <Table caption="Images of machines" rows={found?.machines ?? []} keyOf={({ node }) => node} empty={loaded.value === undefined ? 'Reading what the machines were made from…' : 'No worker has looked yet at what the machines were made from.'} columns={[
      { title: 'Node', cell: ({ node }) => <code>{node}</code> },
      { title: 'Image', cell: ({ image }) => image === null ? 'not known' : <><code>{image.id}</code>{dayOf(image)}</> },
      { title: 'Kubernetes', cell: ({ kubernetesRelease }) => kubernetesRelease },
      { title: 'Standing', cell: (machine) => <State tone={machine.behind ? 'warn' : 'good'}>{machine.behind ? 'behind' : 'current'}</State> },
    ]} />
    <div class="choices"><button type="button" disabled={hindrance(cluster) !== undefined || isIncomplete(cluster, 'upgrade') || behind === 0} onClick={() => setAsked(true)}>Replace machines that are behind…</button></div>
    {asked && <ReplaceDialog cluster={cluster} onClose={() => setAsked(false)} />}
  </Section>;
}

function ReplaceDialog({ cluster, onClose }: { readonly cluster: Cluster; readonly onClose: () => void }) {
  const { client } = useService();
  const { name } = cluster;
  const [typed, setTyped] = useState('');
  const [beginning, setBeginning] = useState<Beginning>('window');
  const action = useAction(async () => go(at.job((await client.upgradeCluster(name, { machineImages: 'current' }, beginningQuery[beginning])).job.id)));
  return <Dialog title={`Replace machines of ${name}?`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      if (typed === name) action.run();
    }}>
      <p>The job looks again which machines are behind. Control planes are replaced one at a time, then machines of the pools: a pool gets one more before one is drained, and disruption budgets hold. Pods without a controller are not made again.</p>
      <WindowChoice cluster={cluster} value={beginning} onValue={setBeginning} />
      <TextField label={`Type ${name} to confirm`} value={typed} onValue={setTyped} mono />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="primary" submits unavailable={typed !== name}>Replace</ActionButton><button type="button" onClick={onClose}>Close</button></div>
    </form>
  </Dialog>;
}

function dayOf({ publishedAt }: { readonly publishedAt: string | null }): string {
  return publishedAt === null ? '' : ` of ${publishedAt.slice(0, 10)}`;
}
