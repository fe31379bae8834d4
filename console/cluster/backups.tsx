import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { useLoaded } from '../parts/loaded.js';
import { Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Backup, Cluster } from '../shapes.js';
import { hindrance } from './standing.js';

/** How often the list is read, in milliseconds: a worker looks every few minutes. */
const lookMs = 60_000;
/** So many are shown before somebody asks for all: those of a day, where one is saved every hour. */
const shown = 24;

/** What a cluster can be taken back to. */
export function Backups({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, lastJob } = cluster;
  const found = useLoaded((signal) => client.backups(name, { signal }), [name, lastJob?.state], lookMs);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<Backup>();
  const save = useAction(async () => go(at.job((await client.saveCluster(name)).job.id)));
  const atRest = hindrance(cluster) === undefined;
  const items = found.value?.items ?? [];
  return <Section title="Backups" note="etcd is saved every hour: every object of the cluster, without the contents of volumes.">
    <StaleNotice error={found.error} />
    <Table caption="Backups" rows={all ? items : items.slice(0, shown)} keyOf={({ id }) => id} empty={found.value === undefined ? 'Reading the backups…' : 'None was seen yet.'} columns={[
      { title: 'Backup', cell: ({ id }) => <code>{id}</code> },
      { title: 'Saved', cell: (backup) => <Ago at={backup.at} /> },
      { title: 'Size', cell: ({ sizeBytes }) => `${(sizeBytes / 2 ** 20).toFixed(1)} MiB` },
      { title: 'Kubernetes', cell: ({ kubernetesRelease }) => kubernetesRelease },
      { title: 'Restore', cell: (backup) => <button type="button" disabled={!atRest} onClick={() => setChosen(backup)}>Restore…<span class="unseen"> {backup.id}</span></button> },
    ]} />
    <ProblemNotice error={save.error} />
    <div class="choices">
      <ActionButton action={save} unavailable={!atRest}>Save now</ActionButton>
      {!all && items.length > shown && <button type="button" onClick={() => setAll(true)}>Show all {items.length}</button>}
    </div>
    {chosen !== undefined && <RestoreDialog name={name} backup={chosen} onClose={() => setChosen(undefined)} />}
  </Section>;
}

/** Takes a cluster back, after its name was typed. */
function RestoreDialog({ name, backup, onClose }: { readonly name: string; readonly backup: Backup; readonly onClose: () => void }) {
  const { client } = useService();
  const [typed, setTyped] = useState('');
  const action = useAction(async () => go(at.job((await client.restoreCluster(name, backup.id)).job.id)));
  return <Dialog title={`Take ${name} back?`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      if (typed === name) action.run();
    }}>
      <p>All objects of the cluster become what they were in <code>{backup.id}</code>, <Ago at={backup.at} />. What was made since is forgotten; its disks and load balancers stay in the cloud without an owner.</p>
      <p>etcd is saved before, so that this can be undone. The API server is away for a minute or two.</p>
      <TextField label={`Type ${name} to confirm`} value={typed} onValue={setTyped} mono />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="danger" submits unavailable={typed !== name}>Restore the cluster</ActionButton><button type="button" onClick={onClose}>Leave it</button></div>
    </form>
  </Dialog>;
}
