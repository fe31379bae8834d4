import { azureMachineType } from './azure.js';
import type { PriceList } from './prices.js';

/** An hour of the size with 2 vCPUs (others are multiples of it), pay as you go, Linux, East US. https://azure.microsoft.com/pricing/details/virtual-machines/linux */
const twoCpus: Readonly<Record<string, number>> = {
  Ds_v5: 0.096, Das_v5: 0.086, Dds_v5: 0.113, Dads_v5: 0.103, Ds_v6: 0.101, Das_v6: 0.0908, Dds_v6: 0.125, Dads_v6: 0.114,
  Fs_v2: 0.0846, Fas_v6: 0.137, Fals_v6: 0.121,
  Es_v5: 0.126, Eas_v5: 0.113, Eds_v5: 0.144, Eads_v5: 0.131, Es_v6: 0.132, Eas_v6: 0.119, Eds_v6: 0.164, Eads_v6: 0.145,
};
const burstable: Readonly<Record<string, number>> = {
  Standard_B2s: 0.0416, Standard_B2ms: 0.0832, Standard_B4ms: 0.166, Standard_B2s_v2: 0.0832, Standard_B2as_v2: 0.0752, Standard_B4s_v2: 0.166, Standard_B4as_v2: 0.15,
};

/** What a region costs beside East US, by its price of a Standard_D2s_v5. */
const factors: Readonly<Record<string, number>> = {
  eastus: 1, eastus2: 1, centralus: 1.13, southcentralus: 1.2, westus2: 1, westus3: 1, canadacentral: 1.11, brazilsouth: 1.59,
  northeurope: 1.11, westeurope: 1.2, uksouth: 1.16, francecentral: 1.17, germanywestcentral: 1.2, swedencentral: 1.06, switzerlandnorth: 1.32, norwayeast: 1.32,
  italynorth: 1.17, polandcentral: 1.2, spaincentral: 1.11, southafricanorth: 1.32, uaenorth: 1.23, israelcentral: 1.17, qatarcentral: 1.23,
  eastasia: 1.38, southeastasia: 1.25, japaneast: 1.29, koreacentral: 1.23, australiaeast: 1.25, centralindia: 1.05,
};

/** Premium SSDs are sold by size: GiB that each holds, and its month. https://azure.microsoft.com/pricing/details/managed-disks */
const disks: readonly (readonly [number, number])[] = [[32, 5.28], [64, 10.21], [128, 19.71], [256, 38.02], [512, 73.22], [1024, 135.17], [2048, 259.05], [4096, 495.57]];

/** List prices of Azure, for estimates. */
export const azurePrices: PriceList = {
  asOf: '2026-06-18',
  factor: (region) => factors[region],
  machineHour(size) {
    const [, letters = '', features = '', version = ''] = /^Standard_([A-Z]+)[0-9]+([a-z]*)(_v[0-9]+)?$/.exec(size) ?? [];
    const price = twoCpus[`${letters}${features}${version}`];
    const known = azureMachineType(size);
    if (known === undefined) return undefined;
    return burstable[size] ?? (price === undefined ? undefined : (price * known.vcpus) / 2);
  },
  diskMonth: (gib) => disks.find(([holds]) => gib <= holds)?.[1],
  natGatewayHour: 0.045,
  loadBalancerHour: 0.025,
  endpointHour: 0.01,
  publicAddressHour: 0.005,
  keyMonth: 1,
  zoneMonth: 0.5,
  monitoringMonth: 0,
};
