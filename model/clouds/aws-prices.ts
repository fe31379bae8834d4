import { awsMachineType } from './aws.js';
import type { PriceList } from './prices.js';

/** An hour of the size `large` (2 vCPUs; other sizes are multiples of it), on demand, Linux, us-east-1. https://aws.amazon.com/ec2/pricing/on-demand */
const large: Readonly<Record<string, number>> = {
  t3: 0.0832, t3a: 0.0752, m5: 0.096, m5a: 0.086, m6i: 0.096, m6a: 0.0864, m7i: 0.1008, 'm7i-flex': 0.09576, m7a: 0.11592,
  c5: 0.085, c6i: 0.085, c6a: 0.0765, c7i: 0.08925, c7a: 0.10264, r5: 0.126, r6i: 0.126, r6a: 0.1134, r7i: 0.1323, r7a: 0.15215,
};

/** What a region costs beside us-east-1, by its price of an m5.large. */
const factors: Readonly<Record<string, number>> = {
  'us-east-1': 1, 'us-east-2': 1, 'us-west-2': 1, 'ca-central-1': 1.11, 'sa-east-1': 1.59,
  'eu-west-1': 1.11, 'eu-west-2': 1.16, 'eu-west-3': 1.17, 'eu-central-1': 1.2, 'eu-central-2': 1.32, 'eu-north-1': 1.06, 'eu-south-1': 1.17,
  'ap-south-1': 1.05, 'ap-southeast-1': 1.25, 'ap-southeast-2': 1.25, 'ap-northeast-1': 1.29, 'ap-northeast-2': 1.23,
};

/** List prices of AWS, for estimates. */
export const awsPrices: PriceList = {
  asOf: '2026-07-20',
  factor: (region) => factors[region],
  machineHour(type) {
    const [family = '', size = ''] = type.split('.');
    const price = large[family];
    const known = awsMachineType(type);
    if (price === undefined || known === undefined) return undefined;
    // A burstable medium has as many vCPUs as a large, and half its memory and price.
    return family.startsWith('t3') && size === 'medium' ? price / 2 : (price * known.vcpus) / 2;
  },
  diskMonth: (gib) => gib * 0.08,
  natGatewayHour: 0.045,
  loadBalancerHour: 0.0225,
  endpointHour: 0.01,
  publicAddressHour: 0.005,
  keyMonth: 1,
  zoneMonth: 0.5,
  monitoringMonth: 2.1,
};
