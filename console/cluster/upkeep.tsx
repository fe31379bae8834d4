import type { Cluster } from '../shapes.js';
import { Backups } from './backups.js';
import { Drift } from './drift.js';
import { Drills } from './drills.js';
import { MachineImages } from './machine-images.js';
import { Rotations } from './rotation.js';
import { hindrance } from './standing.js';
import { Upgrade } from './upgrade.js';

/** What is done with a cluster while it lives. */
export function Upkeep({ cluster }: { readonly cluster: Cluster }) {
  const hindered = hindrance(cluster);
  return <>
    {hindered !== undefined && <p class="notice" role="status">{hindered}</p>}
    {cluster.endpoint !== null && <>
      <Upgrade cluster={cluster} />
      <MachineImages cluster={cluster} />
      <Backups cluster={cluster} />
      <Drills cluster={cluster} />
      <Drift cluster={cluster} />
      <Rotations cluster={cluster} />
    </>}
  </>;
}
