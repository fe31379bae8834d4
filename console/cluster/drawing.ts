import type { Cluster } from '../shapes.js';

/** A rectangle of the drawing, in pixels. */
export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A machine of a pool: one that the pool always has, or one that it may grow to. */
export interface Machine extends Box { readonly always: boolean }

/** A cluster laid out. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly region: Box;
  readonly endpoint: Box;
  /** One for each zone, with the control planes that are in it. */
  readonly zones: readonly (Box & { readonly name: string; readonly controlPlanes: readonly Box[] })[];
  /** Bands over all zones. @property more machines than there is room for */
  readonly pools: readonly (Box & { readonly name: string; readonly machineType: string; readonly bounds: string; readonly machines: readonly Machine[]; readonly more: boolean })[];
}

type Drawn = Pick<Cluster, 'zones'> & { readonly spec: Pick<Cluster['spec'], 'region' | 'controlPlane' | 'nodePools'> };

const edge = 12;
const gap = 10;
const label = 26;
const endpointHeight = 54;
const controlPlaneHeight = 46;
const bandHeight = 84;
const machineSize = 14;

/**
 * Lays a cluster out: the endpoint above, a column for each zone with its control planes, and pools as bands over the columns, since their machines are
 * spread over the zones by the cloud.
 * @param width that there is, in pixels
 */
export function drawingOf({ zones: zoneNames, spec: { controlPlane, nodePools } }: Drawn, width: number): Drawing {
  const inner = width - 2 * edge;
  const endpointTop = label + 4;
  const zonesTop = endpointTop + endpointHeight + 34;
  const columns = Math.max(zoneNames.length, 1);
  const columnWidth = (inner - gap * (columns - 1)) / columns;
  const rows = Math.ceil(controlPlane.replicas / columns);
  const poolsTop = zonesTop + label + rows * (controlPlaneHeight + gap) + 4;
  const zonesBottom = poolsTop + nodePools.length * (bandHeight + gap);
  const height = zonesBottom + edge;

  const column = (index: number): number => edge + index * (columnWidth + gap);
  const zones = zoneNames.map((name, index) => ({
    name, x: column(index), y: zonesTop, width: columnWidth, height: zonesBottom - zonesTop,
    controlPlanes: Array.from({ length: countIn(index, controlPlane.replicas, columns) }, (_, row) => ({
      x: column(index) + 5, y: zonesTop + label + row * (controlPlaneHeight + gap), width: columnWidth - 10, height: controlPlaneHeight,
    })),
  }));
  const pools = nodePools.map(({ name, machineType, minNodes, maxNodes }, index) => {
    const band = { x: edge + 4, y: poolsTop + index * (bandHeight + gap), width: inner - 8, height: bandHeight };
    const perColumn = Math.max(1, Math.floor((columnWidth - 24) / (machineSize + 5)));
    const room = perColumn * columns;
    const machines = Array.from({ length: Math.min(maxNodes, room) }, (_, nth) => ({
      x: column(nth % columns) + 14 + Math.floor(nth / columns) * (machineSize + 5), y: band.y + bandHeight - machineSize - 14, width: machineSize, height: machineSize, always: nth < minNodes,
    }));
    return { ...band, name, machineType, bounds: boundsOf(minNodes, maxNodes), machines, more: maxNodes > room };
  });
  const endpointWidth = Math.min(inner, 420);
  return {
    width, height, zones, pools,
    region: { x: 1, y: 1, width: width - 2, height: height - 2 },
    endpoint: { x: (width - endpointWidth) / 2, y: endpointTop, width: endpointWidth, height: endpointHeight },
  };
}

/** How many of `count` things that are dealt out over `columns` the one with this index gets. */
function countIn(index: number, count: number, columns: number): number {
  return Math.floor(count / columns) + (index < count % columns ? 1 : 0);
}

/** The bounds of a pool in words. */
export function boundsOf(least: number, most: number): string {
  return least === most ? `${most} ${most === 1 ? 'node' : 'nodes'}` : `${least} to ${most} nodes`;
}

/** The drawing in words, for who does not see it. */
export function describeTopology({ zones, endpoint, spec: { region, controlPlane, nodePools } }: Pick<Cluster, 'zones' | 'endpoint' | 'spec'>): string {
  const planes = controlPlane.replicas === 1 ? '1 control plane' : `${controlPlane.replicas} control planes`;
  const pools = nodePools.map(({ name, machineType, minNodes, maxNodes }) => `Pool ${name}: ${boundsOf(minNodes, maxNodes)} of type ${machineType}, over all zones.`);
  return [
    `Region ${region} with ${zones.length === 1 ? 'the zone' : 'the zones'} ${zones.join(', ')}.`,
    `${planes} of type ${controlPlane.machineType}, dealt out over the zones, behind a load balancer${endpoint === null ? '' : ` at ${endpoint}`}.`,
    ...pools,
  ].join(' ');
}

/** A text that fits a width, shortened at its end. @param size of the font, in pixels */
export function fitted(text: string, width: number, size: number): string {
  const room = Math.floor(width / (size * 0.58));
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}
