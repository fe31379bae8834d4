import { InstanceProfile } from '@pulumi/aws/iam/instanceProfile.js';
import { OpenIdConnectProvider } from '@pulumi/aws/iam/openIdConnectProvider.js';
import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterSpec } from '../../model/spec.js';
import { issuerUrl } from '../nodes/issuer.js';
import { addonIdentities, type AddonIdentity } from '../provider.js';
import { addonServiceAccounts } from '../service-accounts.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import { addonStatements } from './policies/addons.js';
import { policyDocument, type PolicySubjects, type Statement } from './policies/document.js';
import { controlPlaneStatements, workerStatements } from './policies/nodes.js';
import { serviceTrust, webIdentityTrust } from './policies/trust.js';
import type { Storage } from './storage.js';

/** Who the machines and add-ons are. */
export interface Identity {
  /** Names of the instance profiles, known once their roles have their policies. */
  readonly controlPlaneProfile: pulumi.Output<string>;
  readonly workerProfile: pulumi.Output<string>;
  /** ARN of each add-on's role; empty without workload identity. */
  readonly addonRoles: Partial<Record<AddonIdentity, pulumi.Output<string>>>;
  /** URL of the service-account issuer, or null without workload identity. */
  readonly issuerUrl: string | null;
}

/** What rights are given in and to. */
interface Ground {
  readonly network: Network;
  readonly storage: Storage;
}

/** Longest name of an IAM role. */
const roleNameLimit = 64;

/**
 * An instance profile for each role of machines, with exactly what it needs, and a role per add-on that trusts one service account of this cluster's
 * issuer. Without workload identity the add-ons run on the control planes' host network, and the control planes' role has their rights.
 */
export function identity(context: Context, network: Network, storage: Storage): Identity {
  const ground = { network, storage };
  const addons = neededIdentities(context.spec);
  const withIssuer = storage.issuer !== undefined;
  const controlPlane = (subjects: PolicySubjects): Statement[] =>
    [...controlPlaneStatements(subjects), ...(withIssuer ? [] : addons.filter(runsOnControlPlanes).flatMap((addon) => addonStatements(addon, subjects)))];
  const profiles = {
    controlPlaneProfile: instanceProfile(context, ground, 'control-plane', controlPlane),
    workerProfile: instanceProfile(context, ground, 'worker', workerStatements),
  };
  const url = issuerUrl(context.spec, context.uid);
  if (url === null) return { ...profiles, addonRoles: {}, issuerUrl: null };

  const issuer = new URL(url).host;
  const provider = new OpenIdConnectProvider('issuer', { url, clientIdLists: ['sts.amazonaws.com'], tags: context.tags('issuer') }, context.options);
  const addonRoles = Object.fromEntries(addons.map((addon) => {
    const trust = provider.arn.apply((arn) => webIdentityTrust(arn, issuer, addonServiceAccounts.aws[addon]));
    return [addon, role(context, ground, `addon-${addon}`, trust, (subjects) => addonStatements(addon, subjects)).arn];
  }));
  return { ...profiles, addonRoles, issuerUrl: url };
}

/** Two have their rights by workload identity or not at all: Amazon's pod network runs on every machine, and a role of machines with its rights would be that of workers, where more is let in; Rancher's operator knows no other way. */
export function runsOnControlPlanes(addon: AddonIdentity): boolean {
  return addon !== 'pod-network' && addon !== 'rancher-backup';
}

/** The add-ons with an identity that the spec calls for. */
export function neededIdentities({ platform, gitops }: ClusterSpec): AddonIdentity[] {
  const absent: Partial<Record<AddonIdentity, boolean>> = {
    velero: platform.backup !== 'velero', 'rancher-backup': platform.backup !== 'rancher-backup', loki: platform.logging !== 'loki', tempo: platform.tracing === 'none', 'external-secrets': platform.secrets === 'none',
    'cluster-autoscaler': platform.nodeScaling === 'none', 'external-dns': platform.dns === 'none', 'kustomize-controller': platform.gitops !== 'flux' || gitops?.sops === undefined,
    'pod-network': platform.cni !== 'aws-vpc-cni',
  };
  return addonIdentities.filter((addon) => !absent[addon]);
}

function instanceProfile(context: Context, ground: Ground, part: string, statements: (subjects: PolicySubjects) => Statement[]): pulumi.Output<string> {
  const { name } = role(context, ground, part, serviceTrust('ec2.amazonaws.com'), statements);
  return new InstanceProfile(part, { name: context.physical(part), role: name, tags: context.tags(part) }, context.options).name;
}

/** A role and its one policy; the outputs wait for both, so that nothing starts with a role that may not do its work yet. */
function role(context: Context, { network, storage }: Ground, part: string, trust: pulumi.Input<string>, statements: (subjects: PolicySubjects) => Statement[]) {
  const { options, tags, physical } = context;
  const name = physical(part, roleNameLimit);
  const made = new Role(part, { name, assumeRolePolicy: trust, tags: tags(part) }, options);
  const policy = new RolePolicy(part, {
    name,
    role: made.name,
    policy: pulumi.all([storage.key.arn, network.vpc.id]).apply(([keyArn, networkId]) => policyDocument(statements({ ...policySubjects(context, storage), keyArn, networkId }))),
  }, options);
  return { name: policy.role.apply(() => name), arn: policy.role.apply(() => made.arn) };
}

function policySubjects({ spec, uid, account }: Context, { backups, issuer }: Storage): Omit<PolicySubjects, 'keyArn' | 'networkId'> {
  return { cluster: spec.name, uid, region: spec.region, accountId: account.accountId, bucketArn: backups.arn, issuerBucketArn: issuer?.arn, zones: spec.dns.zones, sopsKey: spec.gitops?.sops?.key };
}
