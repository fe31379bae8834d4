import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Cluster } from '../shapes.js';
import { describeTopology, drawingOf, fitted } from './drawing.js';

/** Below this width it is drawn at this width and made smaller, in pixels. */
const least = 300;

/** The cluster drawn: region, load balancer, zones, control planes and pools. Drawn anew for each width, so that its text stays as large as all other. */
export function Topology({ cluster }: { readonly cluster: Cluster }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const id = useId();
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(current.clientWidth)));
    observer.observe(current);
    setWidth(Math.floor(current.clientWidth));
    return () => observer.disconnect();
  }, []);
  const description = describeTopology(cluster);
  return <figure class="topology">
    <div ref={place}>{width > 0 && <Picture cluster={cluster} width={Math.max(least, width)} id={id} description={description} />}</div>
    <figcaption>
      <ul class="legend" aria-hidden="true">
        <li><svg width="14" height="14"><rect class="machine always" x="1" y="1" width="12" height="12" rx="3" /></svg> always there</li>
        <li><svg width="14" height="14"><rect class="machine" x="1" y="1" width="12" height="12" rx="3" /></svg> may come, within the pool's bounds</li>
      </ul>
      <details><summary>In words</summary><p>{description}</p></details>
    </figcaption>
  </figure>;
}

function Picture({ cluster, width, id, description }: { readonly cluster: Cluster; readonly width: number; readonly id: string; readonly description: string }) {
  const { region, endpoint, zones, pools, height } = drawingOf(cluster, width);
  const { spec } = cluster;
  const foot = endpoint.y + endpoint.height;
  const middle = endpoint.x + endpoint.width / 2;
  const bus = foot + 16;
  return <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-labelledby={`${id}-title ${id}-text`}>
    <title id={`${id}-title`}>Topology of {cluster.name}</title>
    <desc id={`${id}-text`}>{description}</desc>
    <rect class="region" {...region} rx="10" />
    <text class="heading" x="14" y="20">{fitted(`${spec.region} · ${spec.network.cidr}`, width - 28, 13)}</text>
    {zones.map((zone) => <rect key={zone.name} class="zone" x={zone.x} y={zone.y} width={zone.width} height={zone.height} rx="8" />)}
    <path class="wire" d={zones.map(({ controlPlanes: [first] }) => first === undefined ? '' : `M${middle} ${foot}V${bus}H${first.x + first.width / 2}V${first.y}`).join('')} />
    <rect class="endpoint" {...endpoint} rx="8" />
    <text class="name" x={middle} y={endpoint.y + 22} text-anchor="middle">API load balancer{spec.network.apiServer.public ? ' (public)' : ' (private)'}</text>
    <text class="mono" x={middle} y={endpoint.y + 41} text-anchor="middle">{fitted(cluster.endpoint?.replace('https://', '') ?? 'no address yet', endpoint.width - 16, 12)}</text>
    {zones.map((zone) => <g key={zone.name}>
      <text class="heading zone-name" x={zone.x + 6} y={zone.y + 17}>{fitted(zone.name, zone.width - 12, 12)}</text>
      {zone.controlPlanes.map((plane) => <g key={plane.y}>
        <rect class="control-plane" {...plane} rx="6" />
        <text class={plane.width < 110 ? 'name small' : 'name'} x={plane.x + plane.width / 2} y={plane.y + 20} text-anchor="middle">{fitted('control plane', plane.width, 11)}</text>
        <text class="mono" x={plane.x + plane.width / 2} y={plane.y + 36} text-anchor="middle">{fitted(spec.controlPlane.machineType, plane.width - 4, 11)}</text>
      </g>)}
    </g>)}
    {pools.map((pool) => <g key={pool.name}>
      <rect class="pool" x={pool.x} y={pool.y} width={pool.width} height={pool.height} rx="6" />
      <text class="name" x={pool.x + 10} y={pool.y + 21}>{pool.name}</text>
      <text x={pool.x + pool.width - 10} y={pool.y + 21} text-anchor="end">{pool.bounds}</text>
      <text class="mono" x={pool.x + 10} y={pool.y + 39}>{fitted(pool.machineType, pool.width - 20, 12)}</text>
      {pool.machines.map((machine) => <rect key={`${machine.x} ${machine.y}`} class={machine.always ? 'machine always' : 'machine'} x={machine.x} y={machine.y} width={machine.width} height={machine.height} rx="3" />)}
      {pool.more && <text x={pool.x + pool.width - 10} y={pool.y + 39} text-anchor="end">more than drawn</text>}
    </g>)}
  </svg>;
}
