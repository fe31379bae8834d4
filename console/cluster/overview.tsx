import { Receipts } from '../job/receipt.js';
import { JobTable } from '../job/table.js';
import { Section } from '../parts/page.js';
import type { Cluster, Job } from '../shapes.js';
import { Access } from './access.js';
import { Addons, Health, Namespaces } from './details.js';
import { Pools } from './pools.js';
import { Topology } from './topology.js';

/** So many jobs are shown; all are in the list of jobs. */
const jobsShown = 10;

/** What a cluster is, how it is, and what was done with it. */
export function Overview({ cluster, jobs }: { readonly cluster: Cluster; readonly jobs: readonly Job[] }) {
  const { spec, endpoint, nodes } = cluster;
  return <>
    <Section title="Topology"><Topology cluster={cluster} /></Section>
    <dl class="facts">
      <div class="wide"><dt>Endpoint</dt><dd>{endpoint === null ? <span class="faint">not yet</span> : <code>{endpoint}</code>}</dd></div>
      <div><dt>Nodes seen</dt><dd>{nodes.controlPlane + nodes.workers === 0 ? <span class="faint">none yet</span> : `${nodes.controlPlane} control planes, ${nodes.workers} workers`}</dd></div>
      <div><dt>Template</dt><dd>{spec.template ?? <span class="faint">none</span>}</dd></div>
      <div><dt>Account</dt><dd>{spec.account}</dd></div>
      <div><dt>Deletion</dt><dd>{spec.protect ? 'protected' : spec.deletion.retain === 'backups' ? 'keeps backups' : 'keeps nothing'}</dd></div>
      {Object.entries(spec.labels).length > 0 && <div><dt>Labels</dt><dd>{Object.entries(spec.labels).map(([key, value]) => `${key}=${value}`).join(', ')}</dd></div>}
    </dl>
    <Health conditions={cluster.conditions} />
    <Pools cluster={cluster} />
    <Addons addons={cluster.addons} />
    <Access cluster={cluster} />
    <Namespaces spec={spec} />
    <Section title="Jobs"><JobTable jobs={jobs.slice(0, jobsShown)} empty="There is none." /></Section>
    <Receipts jobs={jobs} />
    <Section title="Spec" note="Resolved: complete, nothing left to default."><details><summary>As JSON</summary><pre tabIndex={0}>{JSON.stringify(spec, undefined, 2)}</pre></details></Section>
  </>;
}
