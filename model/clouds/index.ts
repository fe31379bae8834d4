import type { Provider } from '../spec.js';
import { azureMachineType, azureMachineTypePattern, azureRegions, azureZones } from './azure.js';
import { awsMachineType, awsMachineTypePattern, awsRegions, awsZones } from './aws.js';

/** What a cloud offers, as far as a spec can be checked without asking it. */
export interface CloudFacts {
  readonly regions: readonly string[];
  /** Full names of the region's zones. */
  readonly zones: (region: string) => string[];
  readonly machineTypePattern: RegExp;
  /** Undefined where the catalogue does not have the type. */
  readonly machineType: (name: string) => { vcpus: number; memoryGiB: number } | undefined;
  /** Prefix lengths a cluster's network may have. */
  readonly networkBits: { readonly min: number; readonly max: number };
}

/** The facts of every provider. */
export const clouds: Readonly<Record<Provider, CloudFacts>> = {
  aws: {
    regions: Object.keys(awsRegions),
    zones: awsZones,
    machineTypePattern: awsMachineTypePattern,
    machineType: awsMachineType,
    // A VPC is between /16 and /28; six subnets for three zones need at least a /20.
    networkBits: { min: 16, max: 20 },
  },
  azure: {
    regions: azureRegions,
    zones: azureZones,
    machineTypePattern: azureMachineTypePattern,
    machineType: azureMachineType,
    // Azure takes less and more; the subnets are laid out as on AWS.
    networkBits: { min: 16, max: 20 },
  },
};

/** Root disk of a control plane, in GiB: system, images and logs; etcd has a disk of its own. */
export const rootDiskGiB = 50;
