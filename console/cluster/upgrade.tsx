import { useEffect, useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { Choice, SelectField, TextField } from '../parts/field.js';
import { useLoaded } from '../parts/loaded.js';
import { Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { Ago } from '../parts/time.js';
import { usePreview } from '../plan/preview.js';
import { PreviewView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster, KubernetesVersion, UpgradeReadiness } from '../shapes.js';
import { ReadinessTable } from './readiness.js';
import { hindrance, upgradesOf } from './standing.js';
import { beginningQuery, WindowChoice, type Beginning } from './window-choice.js';

/** Brings a cluster to another minor of Kubernetes, after it was looked at what stands in the way. */
export function Upgrade({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, spec, state, lastJob } = cluster;
  const readiness = useLoaded((signal) => client.upgradeReadiness(name, { signal }), [name, lastJob?.id, lastJob?.state]);
  const { preview, ask, clear } = usePreview();
  const versions = upgradesOf(cluster);
  const [chosen, setChosen] = useState<KubernetesVersion>();
  const [asked, setAsked] = useState(false);
  const version = versions.find((one) => one === chosen) ?? versions[0] ?? spec.kubernetesVersion;
  const looking = preview.step === 'asking' || preview.step === 'working';
  // What a dry run has seen is told apart from its plan.
  useEffect(() => { if (preview.step === 'done') readiness.again(); }, [preview.step]);
  const found = readiness.value;
  return <Section title="Upgrade" note="Every machine is replaced by one of the next minor of Kubernetes, or upgraded where it is: the control planes one at a time, then the pools.">
    <StaleNotice error={readiness.error} />
    {found?.kubernetesVersion && found.observedAt !== null && <p class="note">What stood in the way of {found.kubernetesVersion}, <Ago at={found.observedAt} />.</p>}
    <ReadinessTable checks={found?.checks ?? []} empty={found === undefined ? 'Reading the checks…' : 'Nobody has looked yet at what stands in the way.'} />
    <PreviewView preview={preview} />
    <div class="choices">
      <SelectField label="Kubernetes" value={version} options={versions.map((one) => [one, one === spec.kubernetesVersion ? `${one}, to end an upgrade that was stopped` : one] as const)} onValue={(value) => {
        setChosen(versions.find((one) => one === value));
        clear();
      }} />
      <button type="button" aria-disabled={looking} disabled={state === 'hibernated'} onClick={() => ask((signal) => client.upgradeCluster(name, { kubernetesVersion: version }, { dryRun: true, signal }))}>Look at what stands in the way</button>
      <button type="button" class="primary" disabled={hindrance(cluster) !== undefined} onClick={() => setAsked(true)}>Upgrade…</button>
    </div>
    {asked && <UpgradeDialog cluster={cluster} version={version} readiness={found} onClose={() => setAsked(false)} />}
  </Section>;
}

/** How machines come to the minor, and what asks the API for it. */
const ways = { replace: {}, inPlace: { inPlace: true } } as const;
type Way = keyof typeof ways;

/** Upgrades a cluster after its name was typed: there is no way back. */
function UpgradeDialog({ cluster, version, readiness, onClose }: { readonly cluster: Cluster; readonly version: KubernetesVersion; readonly readiness: UpgradeReadiness | undefined; readonly onClose: () => void }) {
  const { client } = useService();
  const { name, spec } = cluster;
  const [typed, setTyped] = useState('');
  const [beginning, setBeginning] = useState<Beginning>('window');
  const [way, setWay] = useState<Way>('replace');
  const action = useAction(async () => go(at.job((await client.upgradeCluster(name, { kubernetesVersion: version, ...ways[way] }, beginningQuery[beginning])).job.id)));
  const stops = readiness?.kubernetesVersion === version ? readiness.checks.filter(({ state }) => state === 'stop') : [];
  return <Dialog title={`Upgrade ${name} to ${version}?`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      if (typed === name) action.run();
    }}>
      {version === spec.kubernetesVersion
        ? <p>An upgrade that was stopped goes on with every machine that is not of {version} yet.</p>
        : <p>Machines are drained one at a time, and disruption budgets hold. Pods without a controller are not made again.</p>}
      <p>etcd is saved before. There is no way back to an earlier minor.</p>
      {stops.length > 0 && <p class="notice warn">What was seen last would stop it: {stops.map(({ check }) => check).join(', ')}. The job looks again, and ends before anything is replaced where it is still so.</p>}
      <Choice label="How" name="way" value={way} onValue={(chosen) => setWay(chosen === 'inPlace' ? 'inPlace' : 'replace')} options={[
        { key: 'replace', title: 'By new machines', text: 'Each machine is replaced by one of the new minor. A pool gets one more before one is drained.' },
        { key: 'inPlace', title: 'In place', text: 'Machines stay, and are upgraded where they are: for where they cannot be replaced. A pool has one machine less for its pods meanwhile.' },
      ]} />
      <WindowChoice cluster={cluster} value={beginning} onValue={setBeginning} />
      <TextField label={`Type ${name} to confirm`} value={typed} onValue={setTyped} mono />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="primary" submits unavailable={typed !== name}>Upgrade to {version}</ActionButton><button type="button" onClick={onClose}>Close</button></div>
    </form>
  </Dialog>;
}
