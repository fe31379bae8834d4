import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { Choice, TextField } from '../parts/field.js';
import { ProblemNotice } from '../parts/problem.js';
import { usePreview } from '../plan/preview.js';
import { PreviewView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster } from '../shapes.js';

/** How long what is saved is kept for the browser, in milliseconds. */
const blobMs = 60_000;

/** What can be done with a whole cluster, beside the changes of its parts. */
export function ClusterActions({ cluster }: { readonly cluster: Cluster }) {
  const [asked, setAsked] = useState<'repair' | 'hibernate' | 'wake' | 'delete'>();
  const close = () => setAsked(undefined);
  const atRest = cluster.links.repair !== undefined;
  const asleep = cluster.state === 'hibernated';
  return <>
    <KubeconfigButton cluster={cluster} />
    {atRest && !asleep && <button type="button" onClick={() => setAsked('repair')}>Repair…</button>}
    {atRest && cluster.endpoint !== null && <button type="button" onClick={() => setAsked(asleep ? 'wake' : 'hibernate')}>{asleep ? 'Wake…' : 'Hibernate…'}</button>}
    <button type="button" class="danger" onClick={() => setAsked('delete')}>Delete…</button>
    {asked === 'repair' && <RepairDialog cluster={cluster} onClose={close} />}
    {(asked === 'hibernate' || asked === 'wake') && <PowerDialog cluster={cluster} kind={asked} onClose={close} />}
    {asked === 'delete' && <DeleteDialog cluster={cluster} onClose={close} />}
  </>;
}

/** Saves the kubeconfig, which takes the caller's token to be read. */
function KubeconfigButton({ cluster: { name, endpoint } }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const action = useAction(async () => {
    const url = URL.createObjectURL(new Blob([await client.kubeconfig(name)], { type: 'application/yaml' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: `${name}.kubeconfig` });
    link.click();
    // Browsers read it when they get to it.
    setTimeout(() => URL.revokeObjectURL(url), blobMs);
  });
  if (endpoint === null) return null;
  return <><ActionButton action={action}>Kubeconfig</ActionButton><ProblemNotice error={action.error} /></>;
}

interface DialogProps { readonly cluster: Cluster; readonly onClose: () => void }

/** Brings a cluster to its spec again. */
export function RepairDialog({ cluster, onClose }: DialogProps) {
  const { client } = useService();
  const action = useAction(async () => go(at.job((await client.repairCluster(cluster.name)).job.id)));
  return <Dialog title={`Repair ${cluster.name}?`} onClose={onClose}>
    <p>What a dead operation left is cleared, what exists is read, and the cluster is provisioned on towards its spec. A healthy cluster is verified and stays as it is; this can be repeated.</p>
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind="primary">Repair</ActionButton><button type="button" onClick={onClose}>Close</button></div>
  </Dialog>;
}

const power = {
  hibernate: {
    title: 'Hibernate', call: 'hibernateCluster',
    text: 'etcd is saved, and everything on the workers is told to end. The pools go down to no machine; the control planes are switched off and keep their disks. Nobody reaches the cluster until it is woken.',
  },
  wake: { title: 'Wake', call: 'wakeCluster', text: 'The control planes are switched on first, then the pools, as large as they were.' },
} as const;

/** Switches all machines off or on; what it costs then can be looked at before. */
function PowerDialog({ cluster: { name }, kind, onClose }: DialogProps & { readonly kind: keyof typeof power }) {
  const { client } = useService();
  const { preview, ask } = usePreview();
  const { title, call, text } = power[kind];
  const action = useAction(async () => go(at.job((await client[call](name)).job.id)));
  return <Dialog title={`${title} ${name}?`} onClose={onClose}>
    <p>{text}</p>
    <PreviewView preview={preview} />
    {preview.step === 'none' && <p><button type="button" onClick={() => ask((signal) => client[call](name, { dryRun: true, signal }))}>Show what it costs then</button></p>}
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind="primary">{title}</ActionButton><button type="button" onClick={onClose}>Close</button></div>
  </Dialog>;
}

/** Deletes a cluster: what is kept is chosen, the plan can be looked at, and the name has to be typed. */
function DeleteDialog({ cluster, onClose }: DialogProps) {
  const { client } = useService();
  const [{ name, spec, version, links }] = useState(cluster);
  const [retain, setRetain] = useState<'backups' | 'none'>(spec.deletion.retain);
  const [typed, setTyped] = useState('');
  const { preview, ask, clear } = usePreview();
  const running = links.repair === undefined;
  const action = useAction(async () => {
    // A cluster at work changes by itself: only one at rest is held to what was looked at.
    const { job } = await client.deleteCluster(name, { retain, ...(running ? { cancelRunning: true } : { ifMatch: version }) });
    go(at.job(job.id));
  });
  const choose = (value: string) => {
    setRetain(value === 'none' ? 'none' : 'backups');
    clear();
  };
  return <Dialog title={`Delete ${name}?`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      if (typed === name) action.run();
    }}>
      <p>Everything of the cluster is deleted in the cloud: machines, disks, networks, what Kubernetes made there. This cannot be taken back.</p>
      {running && <p class="notice warn">A job of the cluster is not finished. It is cancelled first.</p>}
      {spec.protect && <p class="notice warn">The cluster is protected: the service refuses this until <code>protect</code> is taken from its spec.</p>}
      <Choice label="What is kept" name="retain" value={retain} onValue={choose} options={[
        { key: 'backups', title: 'Backups', text: 'The bucket of backups and its key stay.' },
        { key: 'none', title: 'Nothing', text: 'Backups are deleted too.' },
      ]} />
      <PreviewView preview={preview} />
      {preview.step === 'none' && <p><button type="button" onClick={() => ask((signal) => client.deleteCluster(name, { retain, dryRun: true, signal }))}>Show what would be deleted</button></p>}
      <TextField label={`Type ${name} to confirm`} value={typed} onValue={setTyped} mono />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="danger" submits unavailable={typed !== name}>Delete the cluster</ActionButton><button type="button" onClick={onClose}>Keep it</button></div>
    </form>
  </Dialog>;
}
