import type { ClusterSpec } from '../../../model/spec.js';
import { inputsOf, type Declared } from '../../unit/programs/aws/declared.js';
import { sandboxAccount } from '../../support/infrastructure-input.js';
import { at, list, text, type Facts } from './parity-facts.js';

/** What a cluster is on AWS, in the words of both clouds. */
export function awsFacts(declared: readonly Declared[], spec: ClusterSpec): Facts {
  const of = (type: string) => inputsOf(declared, `aws:${type}`);
  return { ...machines(of), ...ports(of, spec), ...identities(of), ...encryption(of), ...stores(of), ...ways(of) };
}

type Of = (type: string) => ReturnType<typeof inputsOf>;

const zoneNumber = (zone: unknown): string => String('abc'.indexOf(text(zone).slice(-1)) + 1);

function machines(of: Of): Facts {
  const subnetZone = (subnet: unknown): string => zoneNumber(text(subnet).replace(/-id$/, ''));
  const templates = Object.values(of('ec2/launchTemplate:LaunchTemplate'));
  const instances = of('ec2/instance:Instance');
  return {
    ...Object.fromEntries(Object.entries(instances).map(([name, inputs]) => {
      const etcd = of('ebs/volume:Volume')[`${name}-etcd`];
      return [`machine ${name}`, `zone ${subnetZone(at(inputs, 'subnetId'))}, fixed address, system disk of ${text(at(inputs, 'rootBlockDevice', 'volumeSize'))} GiB, etcd disk of ${text(at(etcd, 'size'))} GiB`];
    })),
    ...Object.fromEntries(Object.entries(of('autoscaling/group:Group')).map(([name, inputs]) => {
      const zones = list(at(inputs, 'vpcZoneIdentifiers')).map(subnetZone).join(' ');
      const disk = text(at(templates.find((template) => text(at(template, 'tags', 'clusterwright:resource')).startsWith(name)), 'blockDeviceMappings', '0', 'ebs', 'volumeSize'));
      return [name, `zones ${zones}, starts with ${text(at(inputs, 'desiredCapacity') ?? at(inputs, 'minSize'))} machines of ${text(at(inputs, 'minSize'))} to ${text(at(inputs, 'maxSize'))}, system disk of ${disk} GiB`];
    })),
    'image of new machines in a pool': templates.every((template) => /^ami-/.test(text(at(template, 'imageId')))) ? 'that of the launch template' : 'unknown',
    'metadata service': at(instances['cp-1'], 'metadataOptions', 'httpPutResponseHopLimit') === 1 ? 'answers the machine alone' : 'answers pods',
    'metrics every minute': at(instances['cp-1'], 'monitoring') === true ? 'switched on' : 'switched off',
  };
}

function ports(of: Of, { network }: ClusterSpec): Facts {
  const names: Readonly<Record<string, string[]>> = { nodes: ['control-plane', 'workers'], 'load-balancer': ['load balancer'] };
  const roles = (id: unknown): string[] => {
    const group = text(id).replace(/^security-group-/, '').replace(/-id$/, '');
    return names[group] ?? [group];
  };
  const peers: Readonly<Record<string, string>> = { [network.cidr]: 'the whole network', [sandboxAccount.reach.type === 'peering' ? sandboxAccount.reach.cidr : '']: 'the worker', '0.0.0.0/0': 'the internet' };
  const port = (rule: object): string => {
    const [from, to] = [text(at(rule, 'fromPort')), text(at(rule, 'toPort'))];
    return text(at(rule, 'ipProtocol')) === 'icmp' ? 'icmp' : `${text(at(rule, 'ipProtocol'))} ${from === to ? from : `${from}-${to}`}`;
  };
  const lines = (type: string, arrow: string) => Object.values(of(type)).flatMap((rule) => {
    const cidr = at(rule, 'cidrIpv4');
    const others = cidr === undefined ? roles(at(rule, 'referencedSecurityGroupId')) : [peers[text(cidr)] ?? text(cidr)];
    return roles(at(rule, 'securityGroupId')).flatMap((own) => others.map((other) => `${own} ${arrow} ${other}, ${port(rule)}`));
  });
  const open = [...lines('vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'from'), ...lines('vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'to').filter((line) => line.includes('the internet'))];
  return Object.fromEntries(open.map((line) => [`port: ${line}`, 'open']));
}

function identities(of: Of): Facts {
  return Object.fromEntries(Object.entries(of('iam/role:Role')).map(([name, inputs]) => {
    const trust = text(at(inputs, 'assumeRolePolicy'));
    return [`identity ${name}`, /system:serviceaccount:[^"]+/.exec(trust)?.[0] ?? (trust.includes('ec2.amazonaws.com') ? 'machines' : 'a service of the cloud')];
  }));
}

function encryption(of: Of): Facts {
  const withKey = (key: unknown): string => (key === 'arn:key' ? 'the cluster\'s key' : 'the cloud\'s key');
  const [instance] = Object.values(of('ec2/instance:Instance'));
  const [template] = Object.values(of('ec2/launchTemplate:LaunchTemplate'));
  const [volume] = Object.values(of('ebs/volume:Volume'));
  return {
    'encryption of the control planes\' system disks': withKey(at(instance, 'rootBlockDevice', 'kmsKeyId')),
    'encryption of the workers\' system disks': withKey(at(template, 'blockDeviceMappings', '0', 'ebs', 'kmsKeyId')),
    'encryption of etcd\'s disks': withKey(at(volume, 'kmsKeyId')),
    'encryption of backups': withKey(at(of('s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration')['backups'], 'rules', '0', 'applyServerSideEncryptionByDefault', 'kmsMasterKeyId')),
    'encryption of flow logs': withKey(at(of('cloudwatch/logGroup:LogGroup')['flow-logs'], 'kmsKeyId')),
    'key renewed': at(of('kms/key:Key')['key'], 'enableKeyRotation') === true ? 'every year' : 'never',
  };
}

function stores(of: Of): Facts {
  const rules = list(at(of('s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration')['backups'], 'rules'));
  const days = (id: string): string => {
    const rule = rules.find((candidate) => at(candidate, 'id') === id);
    return `${text(at(rule, 'noncurrentVersionExpiration', 'noncurrentDays') ?? at(rule, 'expiration', 'days'))} days`;
  };
  const isPublic = (bucket: string): string => (at(of('s3/bucketPublicAccessBlock:BucketPublicAccessBlock')[bucket], 'restrictPublicBuckets') === true ? 'nobody without rights' : 'anybody, without listing');
  const log = of('ec2/flowLog:FlowLog')['flow-logs'];
  return {
    'backups: old versions': at(of('s3/bucketVersioning:BucketVersioning')['backups'], 'versioningConfiguration', 'status') === 'Enabled' ? days('old-versions') : 'none',
    'backups: snapshots of etcd': days('snapshots'),
    'backups: logs': days('logs'),
    'backups: who reads': isPublic('backups'),
    'backups: from where': 'anywhere',
    'issuer\'s documents: who reads': isPublic('issuer'),
    'flow logs': `${at(log, 'trafficType') === 'REJECT' ? 'what was refused' : 'all traffic'}, ${text(at(of('cloudwatch/logGroup:LogGroup')['flow-logs'], 'retentionInDays'))} days`,
  };
}

function ways(of: Of): Facts {
  const endpoints = Object.keys(of('ec2/vpcEndpoint:VpcEndpoint'));
  const target = of('lb/targetGroup:TargetGroup')['api'];
  return {
    'NAT gateways': String(Object.keys(of('ec2/natGateway:NatGateway')).length),
    'subnets': Object.keys(of('ec2/subnet:Subnet')).map((name) => name.replace('subnet-', '')).sort().join(', '),
    'endpoint for the nodes\' secrets': endpoints.includes('endpoint-ssm') ? 'private' : 'public',
    'endpoint for the provisioner\'s secrets': endpoints.includes('endpoint-ssm') ? 'the same' : 'public',
    'endpoint for object storage': endpoints.includes('endpoint-s3') ? 'within the cloud\'s network' : 'public',
    ...(endpoints.includes('endpoint-ssmmessages') ? { 'endpoint for sessions on machines': 'private' } : {}),
    'API load balancers': Object.entries(of('lb/loadBalancer:LoadBalancer')).map(([name, inputs]) => `${name} (${at(inputs, 'internal') === true ? 'internal' : 'public'})`).join(', '),
    'API health check': `${text(at(target, 'healthCheck', 'protocol')).toLowerCase()} ${text(at(target, 'healthCheck', 'path'))} on ${text(at(target, 'healthCheck', 'port'))}`,
    'API load balancer\'s address': at(of('lb/loadBalancer:LoadBalancer')['api'], 'subnetMappings') === undefined ? 'chosen by the cloud' : 'from the cluster\'s number, one per zone',
    'API name': text(at(of('route53/record:Record')['api'], 'name')),
    'peering with the worker': `${Object.keys(of('ec2/vpcPeeringConnection:VpcPeeringConnection')).length} resource, routes to the load balancer alone`,
  };
}
