import { z } from 'zod';
import { clouds, rootDiskGiB } from './clouds/index.js';
import { awsPrices } from './clouds/aws-prices.js';
import { azurePrices } from './clouds/azure-prices.js';
import type { PriceList } from './clouds/prices.js';
import type { ClusterSpec, NodePool, Provider } from './spec.js';

/** Hours of a month, as the clouds count it. */
const monthHours = 730;

/** What of a cluster costs money by being there. */
export interface CostlyPart {
  readonly what: string;
  readonly count: number;
  /** A month of one of them in US dollars of the home region; undefined where its price is not known. */
  readonly price: number | undefined;
}

const moneySchema = z.number().min(0);

/** What a cluster costs a month after a change and before it, in US dollars, by list prices of a day. */
export const costSchema = z.strictObject({
  currency: z.literal('USD'),
  monthly: moneySchema.describe('With every pool at its least'),
  monthlyAtMost: moneySchema.describe('With every pool grown to its bound'),
  monthlyBefore: moneySchema.nullable().describe('Without the change; null where it has no price'),
  pricesAsOf: z.iso.date().describe('Day of the list prices; taxes and discounts are not in them'),
  items: z.array(z.strictObject({ what: z.string(), count: z.int(), monthly: moneySchema })).describe('What `monthly` is the sum of'),
  notCounted: z.array(z.string()).describe('What comes on top, by use'),
});
export type Cost = z.infer<typeof costSchema>;

const priceLists: Readonly<Record<Provider, PriceList>> = { aws: awsPrices, azure: azurePrices };

/** What use costs, and nobody knows beforehand. */
const notCounted = ['traffic and what gateways and load balancers pass', 'object storage, backups and snapshots', 'logs, flow logs and requests', 'volumes that pods ask for'];

/** How large a cluster is: with every pool at one of its bounds, or with its machines switched off, of which disks of control planes stay. */
type Size = 'minNodes' | 'maxNodes' | 'hibernated';

/**
 * What a change makes a cluster cost: an estimate by list prices. Null where the region or a machine type has no price here.
 * @param after null for a deletion
 * @param before null for a creation
 * @param hibernated whether its machines are switched off then
 */
export function costOf(after: ClusterSpec | null, before: ClusterSpec | null, hibernated: { readonly after?: boolean; readonly before?: boolean } = {}): Cost | null {
  const spec = after ?? before;
  if (spec === null) return null;
  const least = after === null ? [] : estimate(after, hibernated.after === true ? 'hibernated' : 'minNodes');
  const most = after === null ? [] : estimate(after, hibernated.after === true ? 'hibernated' : 'maxNodes');
  const earlier = before === null ? [] : estimate(before, hibernated.before === true ? 'hibernated' : 'minNodes');
  if (least === undefined || most === undefined) return null;
  return {
    currency: 'USD', monthly: sum(least), monthlyAtMost: sum(most), monthlyBefore: earlier === undefined ? null : sum(earlier),
    pricesAsOf: priceLists[spec.provider].asOf, items: least, notCounted,
  };
}

/** The parts of a cluster that cost money. */
export function costlyParts(spec: ClusterSpec, size: Size): CostlyPart[] {
  const prices = priceLists[spec.provider];
  const { controlPlane: { replicas, machineType, etcdDiskGiB }, nodePools } = spec;
  const running = size === 'hibernated' ? 0 : replicas;
  const machinesOf = (pool: NodePool): number => (size === 'hibernated' ? 0 : pool[size]);
  const workers = nodePools.reduce((total, pool) => total + machinesOf(pool), 0);
  const { natGateways, loadBalancers, endpoints, zones } = layouts[spec.provider](spec);
  const hourly = (price: number): number => price * monthHours;
  const machine = (type: string): number | undefined => { const hour = prices.machineHour(type); return hour === undefined ? undefined : hourly(hour); };
  return [
    { what: `control planes, ${machineType}`, count: running, price: machine(machineType) },
    { what: `root disks of control planes, ${rootDiskGiB} GiB`, count: replicas, price: prices.diskMonth(rootDiskGiB) },
    { what: `etcd disks, ${etcdDiskGiB} GiB`, count: replicas, price: prices.diskMonth(etcdDiskGiB) },
    ...nodePools.flatMap((pool) => [
      { what: `pool ${pool.name}, ${pool.machineType}`, count: machinesOf(pool), price: machine(pool.machineType) },
      { what: `disks of pool ${pool.name}, ${pool.diskGiB} GiB`, count: machinesOf(pool), price: prices.diskMonth(pool.diskGiB) },
    ]),
    { what: 'NAT gateways with their addresses', count: natGateways, price: hourly(prices.natGatewayHour + prices.publicAddressHour) },
    { what: 'load balancers', count: loadBalancers, price: hourly(prices.loadBalancerHour) },
    { what: 'private endpoints', count: endpoints, price: hourly(prices.endpointHour) },
    { what: 'keys', count: 1, price: prices.keyMonth },
    { what: 'private DNS zones', count: zones, price: prices.zoneMonth },
    { what: 'metrics of machines every minute', count: spec.compliance.detailedMonitoring && prices.monitoringMonth > 0 ? running + workers : 0, price: prices.monitoringMonth },
  ].filter(({ count }) => count > 0);
}

/** How many of each the programs make. That of the ingress is made in the cluster, by its cloud controller. */
const layouts: Readonly<Record<Provider, (spec: ClusterSpec) => { natGateways: number; loadBalancers: number; endpoints: number; zones: number }>> = {
  aws: ({ region, network, platform }) => {
    const zones = clouds.aws.zones(region).length;
    return {
      natGateways: network.natGateways === 'single' ? 1 : zones,
      loadBalancers: 1 + Number(network.apiServer.public) + Number(platform.ingress !== 'none'),
      // Three services of Systems Manager, each with an address in every zone.
      endpoints: 3 * zones,
      zones: 1,
    };
  },
  azure: ({ network, platform }) => ({
    natGateways: network.natGateways === 'single' ? 1 : 2,
    loadBalancers: 1 + Number(network.apiServer.public) + Number(platform.ingress !== 'none'),
    // One for each vault that nodes and pods read.
    endpoints: 2 + Number(platform.secrets !== 'none'),
    zones: 2,
  }),
};

function estimate(spec: ClusterSpec, size: Size): Cost['items'] | undefined {
  const factor = priceLists[spec.provider].factor(spec.region);
  const items: Cost['items'] = [];
  for (const { what, count, price } of costlyParts(spec, size)) {
    if (price === undefined || factor === undefined) return undefined;
    items.push({ what, count, monthly: cents(price * count * factor) });
  }
  return items;
}

function sum(items: Cost['items']): number {
  return cents(items.reduce((total, { monthly }) => total + monthly, 0));
}

function cents(dollars: number): number {
  return Math.round(dollars * 100) / 100;
}
