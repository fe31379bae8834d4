import { describe, expect, it } from 'vitest';
import { costOf } from '../../../model/cost.js';
import { clouds } from '../../../model/clouds/index.js';
import { awsPrices } from '../../../model/clouds/aws-prices.js';
import { azurePrices } from '../../../model/clouds/azure-prices.js';
import { specOf } from '../../support/infrastructure-input.js';

const production = await specOf('production');
const larger = await specOf('production', { nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 5, maxNodes: 10, diskGiB: 100 }] });

describe('what a plan says of costs', () => {
  it('is the sum of the parts, by list prices of a day, for the least and the most machines', () => {
    const cost = costOf(production, null);
    expect(cost).toMatchObject({ currency: 'USD', monthlyBefore: 0, pricesAsOf: awsPrices.asOf });
    const item = (what: string) => cost?.items.find((candidate) => candidate.what.startsWith(what));
    // m7i.large in eu-west-1: $0.1008 × 1.11 an hour.
    expect(item('control planes')).toEqual({ what: 'control planes, m7i.large', count: 3, monthly: 245.03 });
    expect(item('pool general')).toEqual({ what: 'pool general, m7i.xlarge', count: 3, monthly: 490.07 });
    expect(item('NAT gateways')?.count).toBe(3);
    expect(cost?.monthly).toBeCloseTo(cost?.items.reduce((total, { monthly }) => total + monthly, 0) ?? 0, 2);
    expect((cost?.monthlyAtMost ?? 0) - (cost?.monthly ?? 0)).toBeCloseTo(7 * (490.07 / 3 + 8 * 1.11 + 2.1 * 1.11), 0);
  });

  it('shows both sides of a change and of a deletion', () => {
    const change = costOf(larger, production);
    expect(change?.monthlyBefore).toBe(costOf(production, null)?.monthly);
    expect(change?.monthly).toBeGreaterThan(change?.monthlyBefore ?? Infinity);
    expect(costOf(null, production)).toMatchObject({ monthly: 0, monthlyAtMost: 0, monthlyBefore: costOf(production, null)?.monthly, items: [] });
  });

  it('is what stays of a hibernated cluster: no machine, but what its control planes keep and the network', () => {
    const cost = costOf(production, production, { after: true });
    expect(cost?.items.filter(({ what }) => /^(control planes|pool|disks of pool|metrics)/.test(what))).toEqual([]);
    expect(cost?.items.find(({ what }) => what.startsWith('etcd disks'))?.count).toBe(3);
    expect(cost?.monthlyBefore).toBe(costOf(production, null)?.monthly);
    expect(cost?.monthly).toBe(cost?.monthlyAtMost);
    expect((cost?.monthlyBefore ?? 0) - (cost?.monthly ?? 0)).toBeGreaterThan(245.03 + 490.07);
    expect(costOf(production, production, { before: true })).toMatchObject({ monthly: cost?.monthlyBefore, monthlyBefore: cost?.monthly });
  });

  it('is missing where a machine type has no price, rather than wrong', async () => {
    const unknown = { ...production, controlPlane: { ...production.controlPlane, machineType: 'x2idn.16xlarge' } };
    expect(costOf(unknown, null)).toBeNull();
    expect(costOf(production, unknown)).toMatchObject({ monthlyBefore: null });
  });

  it('has a factor for every region, and a price for every machine type of the catalogue', () => {
    expect(clouds.aws.regions.filter((region) => awsPrices.factor(region) === undefined)).toEqual([]);
    expect(clouds.azure.regions.filter((region) => azurePrices.factor(region) === undefined)).toEqual([]);
    expect(awsPrices.machineHour('t3.medium')).toBeCloseTo(0.0416, 4);
    expect(awsPrices.machineHour('r6i.4xlarge')).toBeCloseTo(1.008, 4);
    expect(azurePrices.machineHour('Standard_D4s_v5')).toBeCloseTo(0.192, 4);
    expect(azurePrices.machineHour('Standard_B2ms')).toBeCloseTo(0.0832, 4);
    const families = { aws: 't3 t3a m5 m5a m6i m6a m7i m7i-flex m7a c5 c6i c6a c7i c7a r5 r6i r6a r7i r7a'.split(' '), azure: 'D-s_v5 D-as_v5 D-ds_v6 F-s_v2 F-als_v6 E-ads_v6 B-s_v2 B-as_v2'.split(' ') };
    expect(families.aws.filter((family) => clouds.aws.machineType(`${family}.large`) !== undefined && awsPrices.machineHour(`${family}.large`) === undefined)).toEqual([]);
    expect(families.azure.filter((family) => azurePrices.machineHour(`Standard_${family.replace('-', '4')}`) === undefined)).toEqual([]);
  });
});
