import { chartValues } from '../../../templates/charts/index.js';
import { clusterTags } from '../../../model/names.js';
import { z } from 'zod';
import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

const baseSchema = z.looseObject({ storageClasses: z.array(z.looseObject({ parameters: z.record(z.string(), z.string()) })) });

/** The EBS driver: region, tags by which a deletion finds the disks of claims, identity, metrics of the controller, and the cluster's key in every storage class. */
export function awsEbsCsiDriver(input: ValuesInput): Record<string, unknown> {
  const { spec, uid, installation, infrastructure } = input;
  const identity = requiredIdentityParts('disk-csi', input);
  const { storageClasses } = baseSchema.parse(chartValues('aws-ebs-csi-driver'));
  return {
    controller: {
      replicaCount: highlyAvailable(spec) ? 2 : 1,
      region: spec.region,
      k8sTagClusterId: spec.name,
      extraVolumeTags: clusterTags({ name: spec.name, uid, installation }, 'volume'),
      serviceAccount: { name: addonServiceAccounts.aws['disk-csi'].name },
      env: identity.env.filter(({ name }) => name !== 'AWS_REGION'),
      volumes: identity.volumes,
      volumeMounts: identity.mounts,
      enableMetrics: monitored(spec),
      serviceMonitor: { forceEnable: monitored(spec) },
    },
    storageClasses: storageClasses.map((storageClass) => ({ ...storageClass, parameters: { ...storageClass.parameters, kmsKeyId: infrastructure.keyId } })),
  };
}
