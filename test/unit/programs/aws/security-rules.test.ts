import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../model/merge-patch.js';
import { neededGroups, securityRules, type SecurityRule } from '../../../../programs/aws/security-rules.js';
import { sandboxAccount, specOf } from '../../../support/infrastructure-input.js';

const line = ({ group, direction, protocol, from, to, peer }: SecurityRule): string =>
  `${group} ${direction} ${protocol} ${protocol === 'icmp' || from === to ? from : `${from}-${to}`} ${'group' in peer ? peer.group : peer.cidr}`;

describe('aws security rules', () => {
  it('open exactly the ports that a production cluster needs', async () => {
    const rules = securityRules(await specOf('production'), sandboxAccount).map(line).sort();
    expect(rules.filter((rule) => rule.includes(' in '))).toEqual([
      'control-plane in tcp 2379-2380 control-plane',
      'control-plane in tcp 6443 load-balancer',
      'control-plane in tcp 6443 nodes',
      'endpoints in tcp 443 nodes',
      'load-balancer in tcp 6443 10.0.0.0/16',
      'load-balancer in tcp 6443 nodes',
      'nodes in icmp 8 nodes',
      'nodes in tcp 10250 nodes',
      'nodes in tcp 4240 nodes',
      'nodes in tcp 4244 nodes',
      'nodes in tcp 9100 nodes',
      'nodes in tcp 9962 nodes',
      'nodes in tcp 9963 nodes',
      'nodes in udp 51871 nodes',
      'nodes in udp 8472 nodes',
      'workers in tcp 10256 10.20.0.0/16',
      'workers in tcp 30000-32767 10.20.0.0/16',
    ]);
    expect(rules.filter((rule) => rule.includes('0.0.0.0/0'))).toEqual(['nodes out tcp 443 0.0.0.0/0', 'nodes out tcp 80 0.0.0.0/0']);
  });

  it('let workers, and no other machine, out to the port of the mail server that alerts go to', async () => {
    const mail = (name: string, port: number) => ({ kind: 'email', name, secret: 'mail', to: ['team@example.com'], from: 'alerts@example.com', smarthost: { host: 'smtp.example.com', port }, username: 'alerts' });
    const out = async (receivers: Json[]) => securityRules(await specOf('production', { alerting: { receivers } }), sandboxAccount).filter((rule) => rule.direction === 'out' && line(rule).endsWith('0.0.0.0/0')).map(line);
    const usual = await out([]);
    expect((await out([mail('first', 587), mail('second', 587)])).filter((rule) => !usual.includes(rule))).toEqual(['workers out tcp 587 0.0.0.0/0']);
    expect((await out([mail('first', 587), mail('second', 465)])).filter((rule) => !usual.includes(rule))).toEqual(['workers out tcp 465 0.0.0.0/0', 'workers out tcp 587 0.0.0.0/0']);
  });

  it('open for Flannel its tunnel alone', async () => {
    const lines = async (cni: 'cilium' | 'flannel') => new Set(securityRules(await specOf('production', { platform: { cni } }), sandboxAccount).map(line).filter((rule) => rule.includes('nodes in ')));
    const [cilium, flannel] = [await lines('cilium'), await lines('flannel')];
    expect([...flannel].filter((rule) => !cilium.has(rule))).toEqual(['nodes in udp 51820 nodes']);
  });

  it('open for Amazon\'s network the ports of pods: all of a worker, and of a control plane neither the system\'s own nor etcd\'s', async () => {
    const lines = async (cni: 'flannel' | 'aws-vpc-cni') => new Set(securityRules(await specOf('production', { platform: { cni } }), sandboxAccount).map(line).filter((rule) => rule.includes(' in ')));
    const [flannel, amazon] = [await lines('flannel'), await lines('aws-vpc-cni')];
    expect([...amazon].filter((rule) => !flannel.has(rule)).sort()).toEqual([
      'control-plane in tcp 1024-2378 nodes', 'control-plane in tcp 2382-65535 nodes', 'control-plane in tcp 53 nodes', 'control-plane in udp 1024-65535 nodes', 'control-plane in udp 53 nodes',
      'nodes in icmp -1 nodes', 'nodes in tcp 61678 nodes', 'workers in tcp 1-65535 nodes', 'workers in udp 1-65535 nodes',
    ]);
    expect([...flannel].filter((rule) => !amazon.has(rule))).toEqual(['nodes in udp 51820 nodes']);
  });

  it('open for Calico what it needs in the place of Cilium', async () => {
    const lines = async (cni: 'cilium' | 'calico') => new Set(securityRules(await specOf('production', { platform: { cni } }), sandboxAccount).map(line).filter((rule) => rule.includes('nodes in ')));
    const [cilium, calico] = [await lines('cilium'), await lines('calico')];
    expect([...calico].filter((rule) => !cilium.has(rule)).sort()).toEqual(['nodes in tcp 5473 nodes', 'nodes in udp 4789 nodes', 'nodes in udp 51820 nodes']);
    expect([...cilium].filter((rule) => !calico.has(rule))).toHaveLength(7);
  });

  it('let machines out to the storage that the spec names, each server once', async () => {
    const volume = { kind: 'iscsi', name: 'ledger', portal: '198.51.100.7', iqn: 'iqn.2024-01.com.example:disks', lun: 0, capacityGiB: 10 };
    const storage: Json = { classes: [{ kind: 'nfs', name: 'a', server: '192.0.2.4' }, { kind: 'nfs', name: 'b', server: '192.0.2.4', path: '/b' }, { kind: 'nfs', name: 'c', server: 'nfs.example.com', addresses: '203.0.113.0/24' }], volumes: [volume, { ...volume, name: 'other', lun: 1 }] };
    const usual = new Set(securityRules(await specOf('production'), sandboxAccount).map(line));
    const rules = securityRules(await specOf('production', { machines: { iscsi: true }, storage }), sandboxAccount).map(line);
    expect(rules.filter((rule) => !usual.has(rule))).toEqual(['nodes out tcp 2049 192.0.2.4/32', 'nodes out tcp 2049 203.0.113.0/24', 'nodes out tcp 3260 198.51.100.7/32']);
  });

  it('let nobody in from everywhere, in no template', async () => {
    for (const template of ['production', 'development', 'hardened']) {
      const rules = securityRules(await specOf(template), sandboxAccount);
      expect(rules.filter((rule) => rule.direction === 'in' && 'cidr' in rule.peer && rule.peer.cidr === '0.0.0.0/0')).toEqual([]);
    }
  });

  it('limit a public API server to the networks of the spec', async () => {
    const spec = await specOf('production', { network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } });
    expect(neededGroups(spec)).toContain('public-load-balancer');
    expect(securityRules(spec, sandboxAccount).filter((rule) => rule.group === 'public-load-balancer').map(line)).toEqual([
      'public-load-balancer out tcp 6443 control-plane', 'public-load-balancer in tcp 6443 203.0.113.0/24',
    ]);
  });

  it('let a corporate network reach a private API server through the internal load balancer', async () => {
    const spec = await specOf('production', { network: { apiServer: { public: false, allowedCidrs: ['192.0.2.0/24'] } } });
    expect(securityRules(spec, sandboxAccount).map(line)).toContain('load-balancer in tcp 6443 192.0.2.0/24');
  });

  it('have names of their own within a group', async () => {
    const names = securityRules(await specOf('production'), sandboxAccount).map((rule) => `${rule.group} ${rule.direction} ${rule.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
