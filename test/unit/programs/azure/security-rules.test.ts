import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../model/merge-patch.js';
import { securityRules, type SecurityRule } from '../../../../programs/azure/security-rules.js';
import { azureSandboxAccount, specOf } from '../../../support/infrastructure-input.js';

const peerOf = ({ peer }: SecurityRule): string => ('group' in peer ? peer.group : 'tag' in peer ? peer.tag : peer.cidrs.join(','));
const line = (rule: SecurityRule): string => `${rule.group} ${rule.direction} ${rule.protocol} ${rule.ports} ${peerOf(rule)}`;
const allowed = (rules: readonly SecurityRule[]): SecurityRule[] => rules.filter(({ access }) => access === 'Allow');
const azure = (template: string, patch: object = {}) => specOf(template, { provider: 'azure', ...patch });

describe('azure security rules', () => {
  it('open exactly the ports that a production cluster needs', async () => {
    const rules = allowed(securityRules(await azure('production'), azureSandboxAccount));
    expect(rules.filter(({ direction }) => direction === 'in').map(line).sort()).toEqual([
      'control-plane in tcp 2379-2380 control-plane',
      'control-plane in tcp 6443 10.1.0.0/16',
      'control-plane in tcp 6443 AzureLoadBalancer',
      'control-plane in tcp 6443 nodes',
      'endpoints in tcp 443 nodes',
      'nodes in icmp * nodes',
      'nodes in tcp 10250 nodes',
      'nodes in tcp 4240 nodes',
      'nodes in tcp 4244 nodes',
      'nodes in tcp 9100 nodes',
      'nodes in tcp 9962 nodes',
      'nodes in tcp 9963 nodes',
      'nodes in udp 51871 nodes',
      'nodes in udp 8472 nodes',
      'workers in tcp 10256 AzureLoadBalancer',
      'workers in tcp 30000-32767 10.20.0.0/16',
      'workers in tcp 30000-32767 AzureLoadBalancer',
    ]);
    expect(rules.filter((rule) => peerOf(rule) === 'Internet').map(line)).toEqual(['nodes out tcp 443 Internet', 'nodes out tcp 80 Internet']);
  });

  it('close everything else in every group and direction, before Azure\'s own rules open the network', async () => {
    const rules = securityRules(await azure('production'), azureSandboxAccount);
    expect(rules.filter(({ access }) => access === 'Deny').map(line).sort()).toEqual(['endpoints in * * *', 'endpoints out * * *', 'nodes in * * *', 'nodes out * * *']);
    for (const { priority } of rules.filter(({ access }) => access === 'Deny')) expect(priority).toBe(4096);
  });

  it('let workers, and no other machine, out to the port of the mail server that alerts go to', async () => {
    const mail = (name: string, port: number) => ({ kind: 'email', name, secret: 'mail', to: ['team@example.com'], from: 'alerts@example.com', smarthost: { host: 'smtp.example.com', port }, username: 'alerts' });
    const out = async (receivers: Json[]) => securityRules(await azure('production', { alerting: { receivers } }), azureSandboxAccount).filter((rule) => rule.direction === 'out' && peerOf(rule) === 'Internet').map(line);
    const usual = await out([]);
    expect((await out([mail('first', 587), mail('second', 587)])).filter((rule) => !usual.includes(rule))).toEqual(['workers out tcp 587 Internet']);
    expect((await out([mail('first', 587), mail('second', 465)])).filter((rule) => !usual.includes(rule))).toEqual(['workers out tcp 465 Internet', 'workers out tcp 587 Internet']);
  });

  it('open for Flannel its tunnel alone', async () => {
    const lines = async (cni: 'cilium' | 'flannel') => new Set(securityRules(await azure('production', { platform: { cni } }), azureSandboxAccount).map(line).filter((rule) => rule.includes('nodes in ')));
    const [cilium, flannel] = [await lines('cilium'), await lines('flannel')];
    expect([...flannel].filter((rule) => !cilium.has(rule))).toEqual(['nodes in udp 51820 nodes']);
  });

  it('open for Calico what it needs in the place of Cilium', async () => {
    const lines = async (cni: 'cilium' | 'calico') => new Set(securityRules(await azure('production', { platform: { cni } }), azureSandboxAccount).map(line).filter((rule) => rule.includes('nodes in ')));
    const [cilium, calico] = [await lines('cilium'), await lines('calico')];
    expect([...calico].filter((rule) => !cilium.has(rule)).sort()).toEqual(['nodes in tcp 5473 nodes', 'nodes in udp 4789 nodes', 'nodes in udp 51820 nodes']);
    expect([...cilium].filter((rule) => !calico.has(rule))).toHaveLength(7);
  });

  it('let machines out to the storage that the spec names', async () => {
    const storage = {
      classes: [{ kind: 'nfs', name: 'a', server: '192.0.2.4' }, { kind: 'nfs', name: 'c', server: 'nfs.example.com', addresses: '203.0.113.0/24' }],
      volumes: [{ kind: 'iscsi', name: 'ledger', portal: '198.51.100.7', iqn: 'iqn.2024-01.com.example:disks', lun: 0, capacityGiB: 10 }],
    };
    const usual = new Set(securityRules(await azure('production'), azureSandboxAccount).map(line));
    const rules = securityRules(await azure('production', { machines: { iscsi: true }, storage }), azureSandboxAccount).map(line);
    expect(rules.filter((rule) => !usual.has(rule))).toEqual(['nodes out tcp 2049 192.0.2.4/32,203.0.113.0/24', 'nodes out tcp 3260 198.51.100.7/32']);
  });

  it('let nobody in from everywhere, in no template', async () => {
    for (const template of ['production', 'development', 'hardened']) {
      const rules = allowed(securityRules(await azure(template), azureSandboxAccount));
      expect(rules.filter((rule) => rule.direction === 'in' && ['Internet', '*', '0.0.0.0/0'].includes(peerOf(rule)))).toEqual([]);
    }
  });

  it('limit the API server to the networks of the spec, public or not', async () => {
    for (const isPublic of [true, false]) {
      const spec = await azure('production', { network: { apiServer: { public: isPublic, allowedCidrs: ['203.0.113.0/24', '192.0.2.0/24'] } } });
      const rules = securityRules(spec, azureSandboxAccount).filter((rule) => rule.direction === 'in' && rule.ports === '6443' && 'cidrs' in rule.peer);
      expect(rules.map(peerOf)).toEqual(['10.1.0.0/16', '203.0.113.0/24,192.0.2.0/24']);
    }
  });

  it('have a priority and a name of their own within a group and direction, and leave the cloud controller\'s priorities free', async () => {
    const spec = await azure('production', { network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } });
    const rules = securityRules(spec, azureSandboxAccount);
    for (const group of ['control-plane', 'workers', 'endpoints'] as const) {
      for (const direction of ['in', 'out'] as const) {
        const own = rules.filter((rule) => rule.direction === direction && (rule.group === group || (rule.group === 'nodes' && group !== 'endpoints')));
        expect(new Set(own.map(({ priority }) => priority)).size).toBe(own.length);
        expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
        expect(allowed(own).filter(({ priority }) => priority < 100 || priority >= 500)).toEqual([]);
      }
    }
  });

  it('keep their priorities whatever else the spec asks for', async () => {
    const priorities = (rules: readonly SecurityRule[]) => new Map(rules.map((rule) => [`${rule.group} ${rule.direction} ${rule.name}`, rule.priority]));
    const small = priorities(securityRules(await azure('development'), { ...azureSandboxAccount, reach: { type: 'tunnel' } }));
    const large = priorities(securityRules(await azure('production', { network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } }), azureSandboxAccount));
    for (const [name, priority] of small) expect(large.get(name), name).toBe(priority);
  });
});
