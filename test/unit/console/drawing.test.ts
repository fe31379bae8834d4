import { describe, expect, it } from 'vitest';
import { describeTopology, drawingOf, fitted, type Box } from '../../../console/cluster/drawing.js';
import type { Cluster } from '../../../console/shapes.js';

const pool = (name: string, minNodes: number, maxNodes: number) => ({ name, machineType: 'm7i.xlarge', minNodes, maxNodes, diskGiB: 100, labels: {}, taints: [] });

function clusterWith(replicas: 1 | 3 | 5, pools: ReturnType<typeof pool>[], zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']) {
  const spec = { region: 'eu-west-1', controlPlane: { replicas, machineType: 'm7i.large', etcdDiskGiB: 64 }, nodePools: pools } as unknown as Cluster['spec'];
  return { zones, endpoint: 'https://api.a.example:6443', spec };
}

const inside = (inner: Box, outer: Box): boolean => inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;

describe('the drawing of a cluster', () => {
  for (const width of [300, 358, 700, 1100]) {
    it(`keeps control planes in their zones and machines in their bands at ${width} pixels`, () => {
      const drawing = drawingOf(clusterWith(5, [pool('general', 3, 10), pool('spare', 0, 40)]), width);

      expect(drawing.zones.map(({ controlPlanes }) => controlPlanes.length)).toEqual([2, 2, 1]);
      for (const zone of drawing.zones) {
        expect(inside(zone, drawing.region)).toBe(true);
        for (const plane of zone.controlPlanes) expect(inside(plane, zone)).toBe(true);
      }
      for (const band of drawing.pools) {
        expect(inside(band, drawing.region)).toBe(true);
        for (const machine of band.machines) expect(inside(machine, band)).toBe(true);
        for (const machine of band.machines) expect(drawing.zones.some((zone) => inside(machine, zone))).toBe(true);
        for (const zone of drawing.zones) for (const plane of zone.controlPlanes) expect(plane.y + plane.height).toBeLessThanOrEqual(band.y);
      }
    });
  }

  it('tells machines that are always there from those that may come, and says where it leaves some out', () => {
    const { pools: [general, spare] } = drawingOf(clusterWith(3, [pool('general', 3, 10), pool('spare', 0, 1000)]), 1100);
    expect(general?.machines.map(({ always }) => always)).toEqual([true, true, true, ...Array.from({ length: 7 }, () => false)]);
    expect(general?.more).toBe(false);
    expect(spare?.machines.some(({ always }) => always)).toBe(false);
    expect(spare?.more).toBe(true);
  });

  it('is told in words', () => {
    expect(describeTopology(clusterWith(3, [pool('general', 3, 10), pool('one', 1, 1)]))).toBe(
      'Region eu-west-1 with the zones eu-west-1a, eu-west-1b, eu-west-1c. 3 control planes of type m7i.large, dealt out over the zones, behind a load balancer at https://api.a.example:6443. '
      + 'Pool general: 3 to 10 nodes of type m7i.xlarge, over all zones. Pool one: 1 node of type m7i.xlarge, over all zones.');
  });

  it('shortens what does not fit', () => {
    expect(fitted('Standard_D2s_v5', 200, 11)).toBe('Standard_D2s_v5');
    expect(fitted('Standard_D2s_v5', 60, 11)).toMatch(/^Standard?…$|^Standar…$/);
  });
});
