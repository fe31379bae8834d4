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
import { RestoreObjectsDialog } from './restore-objects.js';
import { hindrance } from './standing.js';

/** How often the list is read, in milliseconds: a worker looks every few minutes. */
const lookMs = 60_000;
/** So many are shown before somebody asks for all: those of a day, where one is saved every hour. */
const shown = 24;

type EtcdBackup = Extract<Backup, { of: 'etcd' }>;

/** What a cluster can be taken back to, and what of it can be brought back. */
export function Backups({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, lastJob, spec } = cluster;
  const found = useLoaded((signal) => client.backups(name, { signal }), [name, lastJob?.state], lookMs);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<Backup>();
  const save = useAction(async () => go(at.job((await client.saveCluster(name)).job.id)));
  const saveObjects = useAction(async () => go(at.job((await client.saveCluster(name, { of: ['objects'] })).job.id)));
  const atRest = hindrance(cluster) === undefined;
  const withVelero = spec.platform.backup === 'velero';
  const items = found.value?.items ?? [];
  const close = () => setChosen(undefined);
  return <Section title="Backups" note={`etcd is saved every hour: every object of the cluster, without the contents of volumes.${withVelero ? ' Velero saves objects by namespace every hour, and every night with the files of volumes.' : ''}`}>
    <StaleNotice error={found.error} />
    <Table caption="Backups" rows={all ? items : items.slice(0, shown)} keyOf={({ id }) => id} empty={found.value === undefined ? 'Reading the backups…' : 'None was seen yet.'} columns={[
      { title: 'Backup', cell: ({ id }) => <code>{id}</code> },
      { title: 'Saved', cell: (backup) => <Ago at={backup.at} /> },
      { title: 'Size', cell: ({ sizeBytes }) => (sizeBytes === null ? '' : `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`) },
      { title: 'Holds', cell: contents },
      { title: 'Restore', cell: (backup) => <button type="button" disabled={!atRest || !isUsable(backup)} onClick={() => setChosen(backup)}>Restore…<span class="unseen"> {backup.id}</span></button> },
    ]} />
    <ProblemNotice error={save.error ?? saveObjects.error} />
    <div class="choices">
      <ActionButton action={save} unavailable={!atRest}>Save now</ActionButton>
      {withVelero && <ActionButton action={saveObjects} unavailable={!atRest}>Save objects and volumes now</ActionButton>}
      {!all && items.length > shown && <button type="button" onClick={() => setAll(true)}>Show all {items.length}</button>}
    </div>
    {chosen?.of === 'etcd' && <RestoreDialog name={name} backup={chosen} onClose={close} />}
    {chosen?.of === 'objects' && <RestoreObjectsDialog cluster={cluster} backup={chosen} onClose={close} />}
  </Section>;
}

function isUsable(backup: Backup): boolean {
  return backup.of === 'etcd' || backup.state === 'completed' || backup.state === 'partial';
}

/** What a backup holds; of one that is not whole, that first. */
function contents(backup: Backup) {
  if (backup.of === 'etcd') return `Kubernetes ${backup.kubernetesRelease}`;
  const { state, errors, items, files } = backup;
  const held = `${items === null ? 'objects' : `${items} objects`}${files ? ', files of volumes' : ''}`;
  switch (state) {
    case 'completed': return held;
    case 'running': return `not complete yet: ${held}`;
    case 'partial': case 'failed': return `${state}, ${errors} errors: ${held}`;
  }
}

/** Takes a cluster back, after its name was typed. */
function RestoreDialog({ name, backup, onClose }: { readonly name: string; readonly backup: EtcdBackup; readonly onClose: () => void }) {
  const { client } = useService();
  const [typed, setTyped] = useState('');
  const action = useAction(async () => go(at.job((await client.restoreCluster(name, { from: backup.id })).job.id)));
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
