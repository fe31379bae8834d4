import { loadCatalogue } from '../../bin/catalogue.js';
import type { AwsAccount, AzureAccount } from '../../model/accounts.js';
import { mergePatch, type Json } from '../../model/merge-patch.js';
import { resolveRequest } from '../../model/resolve.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { InfrastructureInput } from '../../programs/provider.js';

/** The sandbox's account, reached by peering with the worker's network that the sandbox has. */
export const sandboxAccount: AwsAccount = {
  provider: 'aws',
  accountId: '123456789012',
  roleArn: 'arn:aws:iam::123456789012:role/clusterwright',
  externalId: 'external-1',
  reach: { type: 'peering', vpcId: 'vpc-0c1d5e70worker000', cidr: '10.0.0.0/16', routeTableIds: ['rtb-0c1d5e70worker000'] },
};

/** The sandbox's subscription, reached in the same way. */
export const azureSandboxAccount: AzureAccount = {
  provider: 'azure',
  subscriptionId: '5ab5c0de-0000-4000-8000-000000000001',
  tenantId: '7e4a4700-0000-4000-8000-000000000001',
  workerCidrs: [],
  reach: {
    type: 'peering',
    networkId: '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/worker/providers/Microsoft.Network/virtualNetworks/worker',
    cidr: '10.1.0.0/16',
  },
};

/** The least that a request has to say. */
export const leastRequest: Json = {
  name: 'payments-prod',
  provider: 'aws',
  access: {
    entra: { tenantId: '99999999-9999-4999-8999-999999999999', clientId: '88888888-8888-4888-8888-888888888888' },
    groups: [{ id: '11111111-aaaa-4aaa-8aaa-000000000001', role: 'admin' }],
  },
};

/** The spec that a template resolves to, with `patch` in the request; on AWS unless that says otherwise. */
export async function specOf(template: string, patch: Json = {}): Promise<ClusterSpec> {
  return resolveRequest(mergePatch(mergePatch(leastRequest, { template }), patch), { catalogue: await loadCatalogue(), accounts: { default: { aws: sandboxAccount, azure: azureSandboxAccount } } });
}

/** What the infrastructure program is given for a spec on AWS. */
export function inputOf(spec: ClusterSpec, changes: Partial<InfrastructureInput<AwsAccount>> = {}): InfrastructureInput<AwsAccount> {
  return { ...inputFor(spec, sandboxAccount), ...changes };
}

/** What the infrastructure program is given for a spec on Azure. */
export function azureInputOf(spec: ClusterSpec, changes: Partial<InfrastructureInput<AzureAccount>> = {}): InfrastructureInput<AzureAccount> {
  return { ...inputFor(spec, azureSandboxAccount), ...changes };
}

function inputFor<A extends AwsAccount | AzureAccount>(spec: ClusterSpec, account: A): InfrastructureInput<A> {
  return { spec, uid: 'abc123def456', slot: 1, installation: '01JCINSTALLATION0000000000', account, retainBackups: spec.deletion.retain === 'backups' };
}
