import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { awsMachineType } from '../../../model/clouds/aws.js';
import { ClusterwrightError } from '../../../model/errors.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { AwsConnection } from './connection.js';

/** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", counted in vCPUs (EC2's quotas in the Service Quotas console). */
const standardVcpus = { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' };

/** vCPUs that a new cluster starts with; machine types that the catalogue does not have count as nothing. */
export function vcpusOf(spec: ClusterSpec): number {
  const vcpus = (machineType: string): number => awsMachineType(machineType)?.vcpus ?? 0;
  return spec.nodePools.reduce((sum, pool) => sum + pool.minNodes * vcpus(pool.machineType), spec.controlPlane.replicas * vcpus(spec.controlPlane.machineType));
}

/**
 * Checks the account's vCPU quota against what the cluster starts with. The cloud does not tell here how much is in use, so only what can
 * never fit is refused; and an account that may not read its quotas is not held up. Throws `quota-exceeded`.
 */
export async function checkQuotas(connection: AwsConnection, spec: ClusterSpec): Promise<void> {
  const client = connection.client('service-quotas', ServiceQuotasClient, { maxAttempts: 2 });
  const quota = await client.send(new GetServiceQuotaCommand(standardVcpus)).then(({ Quota }) => Quota?.Value, () => undefined);
  const needed = vcpusOf(spec);
  if (quota !== undefined && needed > quota) {
    throw new ClusterwrightError('quota-exceeded', `The cluster starts with ${needed} vCPUs, and the account's quota "Running On-Demand Standard instances" (${standardVcpus.QuotaCode}) in ${spec.region} is ${quota}.`, { resource: standardVcpus.QuotaCode });
  }
}
