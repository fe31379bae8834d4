import type { NodeFacts } from '../../../model/rendezvous.js';
import { Refused, type ControllerCloud } from '../../kubernetes/controllers/controller-cloud.js';
import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { bucketStore } from './bucket.js';
import { makeDisk, removeDisk } from './disks.js';
import { makeBalancer, removeBalancer } from './load-balancers.js';

/** What a cluster's controllers make on AWS: the cloud provider's load balancers, the EBS driver's volumes; and where its backups lie. */
export function awsControllers(cloud: Cloud, facts: NodeFacts): ControllerCloud {
  const made = { cloud, facts };
  return {
    balancerRelease: 'aws-cloud-controller-manager',
    makeBalancer: (service) => refusing(() => ({ hostname: makeBalancer(made, service) })),
    removeBalancer: (service) => removeBalancer(made, service),
    disks: { driver: 'ebs.csi.aws.com', release: 'aws-ebs-csi-driver', zoneLabel: 'topology.kubernetes.io/zone' },
    makeDisk: (request) => refusing(() => makeDisk(made, request)),
    removeDisk: (handle) => removeDisk(made, handle),
    backupStore: (bucket) => bucketStore(cloud, bucket),
  };
}

function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof AwsError ? new Refused(error.message) : error;
  }
}
