import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { clusterSpecSchema, type ClusterSpec, type Provider } from '../../../model/spec.js';
import { mergePatch, type Json } from '../../../model/merge-patch.js';
import { templateDefaults, templateSchema } from '../../../model/template.js';
import { addonIdentities, type AddonIdentity, type InfrastructureOutputs, type PlatformInput } from '../../../programs/provider.js';
import { azureSandboxAccount, sandboxAccount } from '../../support/infrastructure-input.js';

const groups = {
  admin: '11111111-aaaa-4aaa-8aaa-000000000001',
  operator: '11111111-AAAA-4aaa-8aaa-000000000002',
  developer: '11111111-aaaa-4aaa-8aaa-000000000003',
  viewer: '11111111-aaaa-4aaa-8aaa-000000000004',
};

/** A resolved spec of a template of the catalogue, with two namespaces and a group for each role, patched. */
export function specOf(template: 'production' | 'development' | 'hardened', patch: Json = {}, provider: Provider = 'aws'): ClusterSpec {
  const entry = templateSchema.parse(parse(readFileSync(new URL(`../../../templates/clusters/${template}.yaml`, import.meta.url), 'utf8')));
  const request: Json = {
    name: 'payments-prod', provider, template, owner: 'payments',
    access: {
      entra: { tenantId: '99999999-9999-4999-8999-999999999999', clientId: '88888888-8888-4888-8888-888888888888' },
      groups: [
        { id: groups.admin, role: 'admin' },
        { id: groups.operator, role: 'operator' },
        { id: groups.developer, role: 'developer', namespaces: ['payments', 'ledger'] },
        { id: groups.viewer, role: 'viewer', namespaces: ['payments'] },
      ],
    },
    namespaces: [
      { name: 'payments', quota: { cpu: '20', memory: '64Gi' }, podSecurity: 'restricted' },
      { name: 'ledger', podSecurity: 'baseline' },
    ],
  };
  return clusterSpecSchema.parse(mergePatch(mergePatch(templateDefaults(entry, provider), request), patch));
}

const accounts: Readonly<Record<Provider, PlatformInput['account']>> = { aws: sandboxAccount, azure: azureSandboxAccount };

/** What each cloud's infrastructure came to, for a cluster of three zones. */
const infrastructures: Readonly<Record<Provider, (spec: ClusterSpec) => Omit<InfrastructureOutputs, 'addonIdentities'>>> = {
  aws: () => ({
    apiServerAddress: 'payments-prod-abc123-api.elb.eu-west-1.amazonaws.com',
    publicAddress: null,
    zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
    networkId: 'vpc-0123456789abcdef0',
    nodeSubnets: {},
    backupStore: 'payments-prod-abc123-backups',
    issuerUrl: 'https://payments-prod-abc123-issuer.s3.eu-west-1.amazonaws.com',
    keyId: 'arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-0b0a-4090-8080-070605040302',
    controlPlane: [],
    nodePools: {},
  }),
  azure: ({ name }) => {
    const group = `/subscriptions/${azureSandboxAccount.subscriptionId}/resourceGroups/${name}-abc123-group/providers`;
    return {
      apiServerAddress: '10.20.128.4',
      publicAddress: null,
      zones: ['westeurope-1', 'westeurope-2', 'westeurope-3'],
      networkId: `${group}/Microsoft.Network/virtualNetworks/${name}-abc123-network`,
      nodeSubnets: {},
      backupStore: 'https://paymentsprabc123backups.blob.core.windows.net/cluster',
      issuerUrl: 'https://paymentsprodabc123issuer.blob.core.windows.net/issuer',
      keyId: `${group}/Microsoft.Compute/diskEncryptionSets/${name}-abc123-key`,
      controlPlane: [],
      nodePools: {},
    };
  },
};

/** The identity of an add-on as each cloud names it. */
const identities: Readonly<Record<Provider, (spec: ClusterSpec, addon: AddonIdentity) => string>> = {
  aws: ({ name }, addon) => `arn:aws:iam::123456789012:role/${name}-abc123-${addon}`,
  azure: (_spec, addon) => `c11e0000-0000-4000-8000-00000000000${addonIdentities.indexOf(addon) + 1}`,
};

/** What the platform program is given for a spec. */
export function inputOf(spec: ClusterSpec): PlatformInput {
  const { provider } = spec;
  return {
    spec,
    uid: 'abc123def456',
    slot: 1,
    installation: '01JCINSTALLATION0000000000',
    account: accounts[provider],
    grants: spec.access.grants,
    kubeconfig: '{"apiVersion":"v1","kind":"Config"}',
    infrastructure: {
      ...infrastructures[provider](spec),
      addonIdentities: Object.fromEntries(addonIdentities.map((addon) => [addon, identities[provider](spec, addon)])),
    },
  };
}
