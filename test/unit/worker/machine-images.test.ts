import { describe, expect, it } from 'vitest';
import { toldImages } from '../../../model/machine-images.js';
import { kubernetesReleases } from '../../../model/spec.js';
import type { MachineImages } from '../../../worker/cloud/index.js';
import type { DrainableNode } from '../../../worker/kubernetes/node-drain.js';
import { imageOf, lookAtImages } from '../../../worker/machine-images.js';
import { criterionOf } from '../../../worker/operation/upgrade/criterion.js';

const release: string = kubernetesReleases['1.35'];
const spec = { kubernetesVersion: '1.35' as const };
const node = (id: string, its = release) => ({ name: `node-${id}`, providerId: `aws:///a/${id}`, release: its });
const images: MachineImages = { current: 'ami-2', of: new Map([['i-1', 'ami-1'], ['i-2', 'ami-2'], ['i-3', 'ami-2'], ['i-4', 'ami-0']]) };
const dates = new Map([['ami-1', '2026-09-01T00:00:00.000Z'], ['ami-2', '2026-11-03T00:00:00.000Z']]);

describe('what machines were made from', () => {
  const cloud = { images: () => Promise.resolve(images), imageDates: () => Promise.resolve(dates) };

  it('is behind where another image is current by now, or another release, and not where the cloud does not tell', async () => {
    const { current, machines } = await lookAtImages(cloud, spec, [node('i-1'), node('i-2'), node('i-3', '1.35.0'), node('i-4'), node('i-5')]);

    expect(current).toEqual({ id: 'ami-2', publishedAt: '2026-11-03T00:00:00.000Z' });
    expect(machines.map(({ image, behind }) => [image?.id, image?.publishedAt, behind])).toEqual([
      ['ami-1', '2026-09-01T00:00:00.000Z', true], ['ami-2', '2026-11-03T00:00:00.000Z', false], ['ami-2', '2026-11-03T00:00:00.000Z', true], ['ami-0', null, true], [undefined, undefined, false],
    ]);
  });

  it('is told in one sentence, with the age of the oldest', async () => {
    expect(toldImages(await lookAtImages(cloud, spec, [node('i-1'), node('i-2')]))).toBe(`1 of 2 machines is not of image ami-2 of 2026-11-03 and Kubernetes ${release}; the oldest image is of 2026-09-01.`);
    expect(toldImages(await lookAtImages(cloud, spec, [node('i-2')]))).toBe(`All 1 machines are of image ami-2 of 2026-11-03 and Kubernetes ${release}.`);
  });

  it('is found by the id of a machine of Azure, however its letters are', () => {
    const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/p/virtualMachines/1';
    expect(imageOf({ providerId: `azure://${id.toLowerCase()}` }, { of: new Map([[id, '24.04.202611030']]) })).toBe('24.04.202611030');
  });
});

describe('machines that an upgrade leaves', () => {
  const drainable = (id: string, its = release): DrainableNode => ({ ...node(id, its), ready: true, createdAt: '', unschedulable: false, removing: false, surgeTo: undefined, authorities: undefined, upgradingTo: undefined });
  const criterion = (request: { kind: 'upgrade'; machineImages: 'current' } | undefined, now: () => MachineImages) =>
    criterionOf({ job: { intent: { request } }, spec, cloud: { images: () => Promise.resolve(now()) } } as unknown as Parameters<typeof criterionOf>[0]);
  const left = async (one: ReturnType<typeof criterion>) => {
    const isNew = await one.look();
    return [drainable('i-1'), drainable('i-2'), drainable('i-3', '1.35.0')].filter(isNew).map(({ name }) => name);
  };

  it('are those of the release, whatever they were made from, where it goes to a minor', async () => {
    expect(await left(criterion(undefined, () => images))).toEqual(['node-i-1', 'node-i-2']);
  });

  it('are those of the release that were made from what has been current since it began, where it is about images', async () => {
    let now = images;
    const one = criterion({ kind: 'upgrade', machineImages: 'current' }, () => now);
    expect(await left(one)).toEqual(['node-i-2']);
    // Published meanwhile: what was made before that stays.
    now = { current: 'ami-3', of: new Map([...images.of, ['i-1', 'ami-3']]) };
    expect(await left(one)).toEqual(['node-i-1', 'node-i-2']);
  });
});
