import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { driftReportSchema, type DriftReport } from '../../model/drift.js';
import { clusterOf, emulatedAws } from '../support/kubernetes.js';
import type { Ground } from './ground.js';

/** What somebody does by hand in the cloud, on a machine and in Kubernetes is found, nothing else is, and a repair puts it right. */
export function drift({ cluster, portal, service }: Ground): void {
  const check = async (): Promise<DriftReport> => {
    expect(await portal.change('POST', `/clusters/${cluster.name}/drift`)).toMatchObject({ state: 'succeeded', error: null });
    return z.object({ report: driftReportSchema }).parse(await (await portal.send('GET', `/clusters/${cluster.name}/drift`)).json()).report;
  };
  const bindings = (): Promise<string[]> => cluster.lines('rolebindings', '{.metadata.name}', '--namespace', 'payments', '--selector', 'app.kubernetes.io/managed-by=clusterwright');

  it('has no drift as it was made', async () => {
    expect(await check()).toMatchObject({ findings: [], unchecked: [] });
  });

  it('is found with a rule, an edited manifest and a deleted binding, each once and nothing else, and a repair puts all three right', async () => {
    const { spec } = await clusterOf(portal, cluster.name);
    const group = (await portal.inventory(cluster.name)).items.find(({ type, resource }) => type === 'aws:ec2/securityGroup:SecurityGroup' && resource === 'security-group-workers')?.id ?? '';
    const ec2 = new EC2Client(await emulatedAws(service, spec.region));
    const { SecurityGroupRules = [] } = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    const manifest = '/etc/kubernetes/manifests/kube-scheduler.yaml';
    const sum = (): Promise<string> => cluster.inside(cluster.controlPlane, 'sha256sum', manifest);
    const before = { bindings: await bindings(), sum: await sum() };
    await cluster.inside(cluster.controlPlane, 'bash', '-c', `sed 's/^    - kube-scheduler$/&\\n    - --v=4/' ${manifest} > /root/edited && cp /root/edited ${manifest}`);
    expect(await sum()).not.toBe(before.sum);
    const [binding = ''] = before.bindings;
    await cluster.kubectl(['--namespace', 'payments', 'delete', 'rolebinding', binding]);

    expect(await check()).toMatchObject({
      unchecked: [],
      findings: [
        { layer: 'add-ons', resource: expect.stringContaining(':RoleBinding:') as string, property: null, seen: 'missing' },
        { layer: 'cloud', resource: SecurityGroupRules[0]?.SecurityGroupRuleId, property: null, seen: 'tcp 22 in from 0.0.0.0/0' },
        { layer: 'nodes', resource: expect.stringContaining(cluster.controlPlane.name) as string, property: manifest },
      ],
    });

    expect(await portal.change('POST', `/clusters/${cluster.name}/repair`)).toMatchObject({ state: 'succeeded', error: null });
    expect({ bindings: await bindings(), sum: await sum() }).toEqual(before);
    expect(await check()).toMatchObject({ findings: [], unchecked: [] });
  });
}
