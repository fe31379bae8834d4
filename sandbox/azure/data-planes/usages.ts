import { number, object, text } from '../../provider/properties.js';
import { azureMachineType } from '../../../model/clouds/azure.js';
import type { Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';

/** Limits of a subscription for some dozens of clusters: Azure's defaults (10 to 350 vCPUs) would not hold one. */
const regionalLimit = 4000;
const familyLimit = 1000;

/** Families as the usages name them, with the sizes that count for each. */
const families: readonly (readonly [usage: string, words: string, sizes: RegExp])[] = [
  ['standardDSv5Family', 'Standard DSv5 Family vCPUs', /^Standard_D\d+s_v5$/],
  ['standardDADSv5Family', 'Standard DADSv5 Family vCPUs', /^Standard_D\d+ads_v5$/],
  ['standardESv5Family', 'Standard ESv5 Family vCPUs', /^Standard_E\d+s_v5$/],
  ['standardFSv2Family', 'Standard FSv2 Family vCPUs', /^Standard_F\d+s_v2$/],
  ['standardBSFamily', 'Standard BS Family vCPUs', /^Standard_B\d+m?s$/],
];

/** Compute's usages of a region: https://learn.microsoft.com/rest/api/compute/usage/list */
export function usages(cloud: Cloud, region: string): object[] {
  const sizes = [
    ...cloud.inventory.ofType(tokens.virtualMachine).map((item) => [item.region, text(object(item.outputs, 'hardwareProfile'), 'vmSize') ?? '', 1] as const),
    ...cloud.inventory.ofType(tokens.virtualMachineScaleSet).map((item) => [item.region, text(object(item.outputs, 'sku'), 'name') ?? '', number(object(item.outputs, 'sku'), 'capacity') ?? 0] as const),
  ].filter(([place]) => place === region);
  const used = (which: RegExp): number => sizes.filter(([, size]) => which.test(size)).reduce((sum, [, size, count]) => sum + (azureMachineType(size)?.vcpus ?? 0) * count, 0);
  const usage = (value: string, localizedValue: string, limit: number, which: RegExp) => ({ unit: 'Count', name: { value, localizedValue }, limit, currentValue: used(which) });
  return [usage('cores', 'Total Regional vCPUs', regionalLimit, /./), ...families.map(([value, words, which]) => usage(value, words, familyLimit, which))];
}
