import { describe, expect, it } from 'vitest';
import { addonIdentities } from '../../../../programs/provider.js';
import { addonServiceAccounts } from '../../../../programs/service-accounts.js';
import { runsOnControlPlanes } from '../../../../programs/aws/identity.js';
import { addonStatements } from '../../../../programs/aws/policies/addons.js';
import { publicDocuments, tlsOnly } from '../../../../programs/aws/policies/buckets.js';
import { policyDocument, type PolicySubjects, type Statement } from '../../../../programs/aws/policies/document.js';
import { keyStatements } from '../../../../programs/aws/policies/key.js';
import { controlPlaneStatements, workerStatements } from '../../../../programs/aws/policies/nodes.js';
import { serviceTrust, webIdentityTrust } from '../../../../programs/aws/policies/trust.js';

const subjects: PolicySubjects = {
  cluster: 'payments-prod',
  uid: 'abc123def456',
  region: 'eu-west-1',
  accountId: '123456789012',
  bucketArn: 'arn:aws:s3:::payments-prod-abc123-backups',
  issuerBucketArn: 'arn:aws:s3:::payments-prod-abc123-issuer',
  keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  zones: ['Z0123456789ABCDEFGHIJ', 'Z9876543210ZYXWVUTSRQ'],
  networkId: 'vpc-0123456789abcdef0',
  sopsKey: 'arn:aws:kms:eu-central-1:210987654321:key/0f0e0d0c-0b0a-4090-8080-070605040302',
};
const key = keyStatements({ region: 'eu-west-1', accountId: '123456789012', logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:x' });
const roles: Record<string, Statement[]> = {
  'control plane': controlPlaneStatements(subjects),
  worker: workerStatements(subjects),
  ...Object.fromEntries(addonIdentities.map((addon) => [addon, addonStatements(addon, subjects)])),
};
const list = (value: string | readonly string[] | undefined): readonly string[] => (typeof value === 'string' ? [value] : value ?? []);
const actions = (statements: readonly Statement[]): string[] => statements.flatMap((statement) => statement.Action);

describe('aws policies', () => {
  it('allow no action by wildcard', () => {
    const allowed = [...Object.values(roles).flat(), ...key, publicDocuments('arn:aws:s3:::x')].filter((statement) => statement.Effect === 'Allow');
    expect(actions(allowed).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('allow nothing on all resources without a condition', () => {
    expect(Object.values(roles).flat().filter((statement) => list(statement.Resource).includes('*') && !statement.Condition)).toEqual([]);
  });

  it('stay within what a role\'s inline policies may hold, even all together on the control planes', () => {
    const most = { ...subjects, zones: Array.from({ length: 10 }, (_, index) => `Z0123456789ABCDEFGHI${index}`) };
    const all = policyDocument([...controlPlaneStatements(most), ...addonIdentities.filter(runsOnControlPlanes).flatMap((addon) => addonStatements(addon, most))]);
    expect(all.length).toBeLessThan(10_240);
    // Those have a role of their own in any case.
    expect(addonIdentities.filter((addon) => !runsOnControlPlanes(addon))).toEqual(['pod-network', 'rancher-backup']);
    expect(policyDocument(addonStatements('pod-network', most)).length).toBeLessThan(10_240);
  });

  it('give each statement of a role a name of its own', () => {
    for (const statements of Object.values(roles)) expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    expect(Object.values(roles).flat().every(({ Sid }) => /^[A-Za-z0-9]+$/.test(Sid))).toBe(true);
  });

  it('let a worker read the join set and write steps, and nothing else', () => {
    expect(roles['worker']?.map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: 'arn:aws:ssm:eu-west-1:123456789012:parameter/clusterwright/abc123def456/join/*' },
      { Action: ['s3:PutObject'], Resource: 'arn:aws:s3:::payments-prod-abc123-backups/rendezvous/nodes/*' },
      { Action: ['kms:Decrypt'], Resource: subjects.keyArn },
      { Action: ['kms:GenerateDataKey'], Resource: subjects.keyArn },
    ]);
    expect(roles['worker']?.find(({ Sid }) => Sid === 'KeyForJoinSecrets')?.Condition).toMatchObject({
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:eu-west-1:123456789012:parameter/clusterwright/abc123def456/join/*' },
    });
  });

  it('keep the control planes to their own cluster\'s secrets, and let them publish the issuer\'s documents only', () => {
    const resources = roles['control plane']?.flatMap(({ Resource }) => list(Resource)) ?? [];
    expect(resources.filter((resource) => resource.startsWith('arn:aws:ssm'))).toEqual(['arn:aws:ssm:eu-west-1:123456789012:parameter/clusterwright/abc123def456/*']);
    expect(resources.filter((resource) => resource.includes('-issuer'))).toEqual([
      'arn:aws:s3:::payments-prod-abc123-issuer/.well-known/openid-configuration', 'arn:aws:s3:::payments-prod-abc123-issuer/openid/v1/jwks',
    ]);
  });

  it('let control planes read what the program puts there for them, and nobody write or list it', () => {
    const archive = `${subjects.bucketArn}/nodes/`;
    const reaching = Object.entries(roles).flatMap(([role, statements]) => statements
      .filter(({ Resource }) => list(Resource).some((resource) => resource !== '*' && (resource.startsWith(archive) || (resource.endsWith('*') && archive.startsWith(resource.slice(0, -1))))))
      .map(({ Action, Resource }) => ({ role, Action, Resource })));
    expect(reaching).toEqual([{ role: 'control plane', Action: ['s3:GetObject'], Resource: `${archive}*` }]);
    const listed = Object.values(roles).flat().flatMap(({ Condition }) => list(Condition?.['StringLike']?.['s3:prefix']));
    expect(listed.filter((prefix) => prefix === '' || archive.startsWith(`${subjects.bucketArn}/${prefix.replace('*', '')}`))).toEqual([]);
  });

  it('keep control planes away from the cloud\'s machines and load balancers', () => {
    expect(actions(controlPlaneStatements(subjects)).filter((action) => /^(ec2|elasticloadbalancing|iam):/.test(action))).toEqual([]);
  });

  it('let external-secrets read secrets under the cluster\'s name, and nobody else any', () => {
    const reading = Object.entries(roles).flatMap(([role, statements]) => statements
      .filter(({ Action }) => Action.some((action) => action.startsWith('secretsmanager:'))).map(({ Action, Resource }) => ({ role, Action, Resource })));
    expect(reading).toEqual([{
      role: 'external-secrets', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:clusterwright/payments-prod/*',
    }]);
  });

  it('let controllers change only what carries the cluster\'s tag', () => {
    const writes = [...addonStatements('cloud-controller-manager', subjects), ...addonStatements('disk-csi', subjects)]
      .filter((statement) => statement.Action.some((action) => /:(Delete|Modify|Detach|Attach|Authorize|Revoke|Register|Deregister)/.test(action)));
    expect(writes.length).toBeGreaterThan(0);
    for (const statement of writes) expect(statement.Condition).toEqual({ StringEquals: { 'aws:ResourceTag/kubernetes.io/cluster/payments-prod': 'owned' } });
  });

  it('let the autoscaler change the number of machines in this cluster\'s groups, and nothing else', () => {
    const writes = addonStatements('cluster-autoscaler', subjects).filter(({ Action }) => Action.some((action) => !/:Describe/.test(action)));
    expect(writes).toEqual([{
      Sid: 'ScalePools',
      Effect: 'Allow',
      Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: 'arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/*',
      Condition: { StringEquals: { 'aws:ResourceTag/clusterwright:uid': 'abc123def456' } },
    }]);
  });

  it('let the pod network change interfaces and addresses in this cluster\'s network, on this cluster\'s machines, and nowhere else', () => {
    const here = { ArnEquals: { 'ec2:Vpc': 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123456789abcdef0' } };
    const writes = addonStatements('pod-network', subjects).filter(({ Action }) => Action.some((action) => !/:Describe/.test(action)));
    expect(new Set(actions(writes))).toEqual(new Set(['AssignPrivateIpAddresses', 'AttachNetworkInterface', 'CreateNetworkInterface', 'CreateTags', 'DeleteNetworkInterface', 'DetachNetworkInterface', 'ModifyNetworkInterfaceAttribute', 'UnassignPrivateIpAddresses'].map((action) => `ec2:${action}`)));
    const bound = (resource: string) => writes.filter(({ Resource }) => list(Resource).some((one) => one.includes(`:${resource}/`))).map(({ Condition }) => Condition);
    expect(bound('security-group')).toEqual([here, here]);
    expect(bound('subnet')).toEqual([here]);
    expect(bound('instance')).toEqual([{ StringEquals: { 'aws:ResourceTag/clusterwright:uid': 'abc123def456' } }]);
    // What is new is in no network that could be asked for, but says whose it is, and is tagged with its making alone.
    expect(bound('network-interface').filter((condition) => JSON.stringify(condition) !== JSON.stringify(here))).toEqual([
      { StringEquals: { 'aws:RequestTag/clusterwright:uid': 'abc123def456' } }, { StringEquals: { 'ec2:CreateAction': 'CreateNetworkInterface' } },
    ]);
  });

  it('give rights to interfaces to the pod network and to nobody else', () => {
    const holders = Object.entries(roles).filter(([, statements]) => actions(statements).some((action) => /NetworkInterface(?!s$)|PrivateIpAddresses/.test(action))).map(([role]) => role);
    expect(holders).toEqual(['pod-network']);
  });

  it('let external-dns write into the named zones what names need, and nobody else', () => {
    const named = ['arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ', 'arn:aws:route53:::hostedzone/Z9876543210ZYXWVUTSRQ'];
    const all = Object.entries(roles).flatMap(([role, statements]) => statements.filter(({ Action }) => Action.some((action) => action.startsWith('route53:'))).map(({ Action, Resource }) => ({ role, Action, Resource })));
    expect(all).toEqual([
      { role: 'external-dns', Action: ['route53:ListHostedZones'], Resource: '*' },
      { role: 'external-dns', Action: ['route53:ListResourceRecordSets', 'route53:ChangeResourceRecordSets'], Resource: named },
    ]);
    const [, change] = addonStatements('external-dns', subjects);
    expect(change?.Condition).toEqual({ 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'] } });
  });

  it('let whoever asks for the bucket itself see the names in it, which is Rancher\'s operator alone, and everybody else those under a prefix of theirs', () => {
    const unbound = Object.entries(roles).flatMap(([role, statements]) => statements.filter(({ Action, Condition }) => Action.includes('s3:ListBucket') && Condition?.['StringLike']?.['s3:prefix'] === undefined).map(({ Sid, Condition }) => ({ role, Sid, Condition })));
    expect(unbound).toEqual([{ role: 'rancher-backup', Sid: 'RancherBackupBucket', Condition: { Null: { 's3:prefix': 'true' } } }]);
  });

  it('let Flux decrypt with the one key that the spec names, and nobody else with it', () => {
    const { sopsKey } = subjects;
    expect(addonStatements('kustomize-controller', subjects)).toEqual([{ Sid: 'SopsKey', Effect: 'Allow', Action: ['kms:Decrypt'], Resource: sopsKey }]);
    expect(addonStatements('kustomize-controller', { ...subjects, sopsKey: undefined })).toEqual([]);
    expect(Object.entries(roles).filter(([, statements]) => statements.some(({ Resource }) => sopsKey !== undefined && list(Resource).includes(sopsKey))).map(([role]) => role)).toEqual(['kustomize-controller']);
  });

  it('deny the buckets without TLS and open the issuer\'s documents alone', () => {
    expect(tlsOnly('arn:aws:s3:::b')).toMatchObject({ Effect: 'Deny', Principal: '*', Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    expect(publicDocuments('arn:aws:s3:::b')).toMatchObject({ Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::b/.well-known/openid-configuration', 'arn:aws:s3:::b/openid/v1/jwks'] });
  });

  it('open the key to nobody outside the account', () => {
    for (const { Principal, Condition } of key) {
      if (typeof Principal === 'object' && Principal.AWS === '*') expect(Condition?.['ArnEquals']?.['aws:PrincipalArn']).toMatch(/^arn:aws:iam::123456789012:role\/aws-service-role\//);
      if (typeof Principal === 'object' && Principal.Service) expect(Condition).toBeDefined();
    }
  });
});

describe('aws trust policies', () => {
  it('bind an add-on\'s role to issuer, audience and service account', () => {
    for (const addon of addonIdentities) {
      const trust: unknown = JSON.parse(webIdentityTrust('arn:aws:iam::123456789012:oidc-provider/issuer.example', 'issuer.example', addonServiceAccounts.aws[addon]));
      const { namespace, name } = addonServiceAccounts.aws[addon];
      expect(trust).toMatchObject({
        Statement: [{
          Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/issuer.example' },
          Action: ['sts:AssumeRoleWithWebIdentity'],
          Condition: { StringEquals: { 'issuer.example:aud': 'sts.amazonaws.com', 'issuer.example:sub': `system:serviceaccount:${namespace}:${name}` } },
        }],
      });
    }
  });

  it('let machines take their role through EC2 alone', () => {
    expect(JSON.parse(serviceTrust('ec2.amazonaws.com'))).toMatchObject({ Statement: [{ Principal: { Service: 'ec2.amazonaws.com' }, Action: ['sts:AssumeRole'] }] });
  });
});
