import type { NodeFacts } from '../../../model/rendezvous.js';
import { Refused, type ControllerCloud } from '../../kubernetes/controllers/controller-cloud.js';
import type { Cloud } from '../cloud.js';
import type { Blobs } from '../data-planes/blobs.js';
import { AzureError } from '../errors.js';
import { containerStore } from './container.js';
import { makeDisk, removeDisk } from './disks.js';
import { makeBalancer, removeBalancer } from './load-balancers.js';

/** What a cluster's controllers make on Azure: the cloud provider's load balancers, the disk driver's disks; and where its backups lie. */
export function azureControllers(cloud: Cloud, blobs: Blobs, facts: NodeFacts): ControllerCloud {
  const made = { cloud, facts };
  return {
    balancerRelease: 'cloud-provider-azure',
    makeBalancer: (service) => refusing(() => ({ ip: makeBalancer(made, service) })),
    removeBalancer: (service) => removeBalancer(made, service),
    disks: { driver: 'disk.csi.azure.com', release: 'azuredisk-csi-driver', zoneLabel: 'topology.disk.csi.azure.com/zone' },
    makeDisk: (request) => refusing(() => makeDisk(made, request)),
    removeDisk: (handle) => removeDisk(made, handle),
    backupStore: (container, { storageAccountURI = '' }) => (URL.canParse(storageAccountURI) ? containerStore(cloud, blobs, new URL(`/${container}`, storageAccountURI).href) : undefined),
  };
}

function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof AzureError ? new Refused(error.message) : error;
  }
}
