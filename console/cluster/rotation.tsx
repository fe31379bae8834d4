import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { Section } from '../parts/page.js';
import { ProblemNotice } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster, Rotation } from '../shapes.js';
import { rotations, type RotationJob } from './rotations.js';
import { hindrance, isIncomplete } from './standing.js';
import { beginningQuery, WindowChoice, type Beginning } from './window-choice.js';

/** A job that can be asked for, with what it makes anew. */
interface Chosen { readonly what: Rotation['what']; readonly title: string; readonly job: RotationJob }

const rows = Object.entries(rotations).map(([what, { title, jobs }]) => ({ title, jobs: jobs.map((job): Chosen => ({ what: what as Rotation['what'], title, job })) }));

/** Makes keys and certificates of a cluster anew. */
export function Rotations({ cluster }: { readonly cluster: Cluster }) {
  const [chosen, setChosen] = useState<Chosen>();
  const isWaiting = isIncomplete(cluster, 'rotate');
  const unavailable = hindrance(cluster) !== undefined || isWaiting;
  return <Section title="Keys and certificates" note="Certificates renew themselves before they end. Make them, or keys, anew where one may have become known, or before an authority ends.">
    {isWaiting && <p class="note">The cluster is {cluster.state}: what it waits for comes first.</p>}
    <Table caption="Keys and certificates" rows={rows} keyOf={({ title }) => title} empty="" columns={[
      { title: 'What', cell: ({ title }) => title },
      { title: 'How', cell: ({ jobs }) => jobs.length === 1 ? 'by one job' : 'by two jobs: old and new are trusted side by side between them' },
      { title: 'Anew', cell: ({ jobs }) => <div class="choices">{jobs.map((one) => <button key={one.job.action} type="button" disabled={unavailable} onClick={() => setChosen(one)}>{one.job.action}…<span class="unseen"> {one.title}</span></button>)}</div> },
    ]} />
    {chosen !== undefined && <RotationDialog cluster={cluster} chosen={chosen} onClose={() => setChosen(undefined)} />}
  </Section>;
}

function RotationDialog({ cluster, chosen: { what, title, job }, onClose }: { readonly cluster: Cluster; readonly chosen: Chosen; readonly onClose: () => void }) {
  const { client } = useService();
  const [beginning, setBeginning] = useState<Beginning>('window');
  const [isAgreed, setAgreed] = useState(job.agreed === undefined);
  const action = useAction(async () => go(at.job((await client.rotateCluster(cluster.name, { what, ...(job.phase === undefined ? {} : { phase: job.phase }) }, beginningQuery[beginning])).job.id)));
  return <Dialog title={`${job.action}: ${title} of ${cluster.name}?`} onClose={onClose}>
    <p>{job.text}</p>
    <WindowChoice cluster={cluster} value={beginning} onValue={setBeginning} />
    {job.agreed !== undefined && <label class="check"><input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.currentTarget.checked)} /> {job.agreed}</label>}
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind={job.agreed === undefined ? 'primary' : 'danger'} unavailable={!isAgreed}>{job.action}</ActionButton><button type="button" onClick={onClose}>Close</button></div>
  </Dialog>;
}
