import { describe, expect, it } from 'vitest';
import { allExpiries, seenExpiries, type NodeExpiries } from '../../../model/expiry.js';

const told = (node: string, at: string, over: Partial<NodeExpiries> = {}): NodeExpiries => ({
  node, at, certificates: { 'etcd/peer': '2027-11-01T00:00:00Z' }, authorities: { ca: '2036-11-01T00:00:00Z' }, joinToken: null, ...over,
});

describe('what ends', () => {
  it('is of each control plane its certificates, of the cluster its authorities and its newest token once, its minor and its operating system, what ends first at the beginning', () => {
    const seen = seenExpiries([
      told('cp-1', '2026-11-29T10:00:00Z', { joinToken: '2026-11-30T04:00:00Z' }), told('cp-2', '2026-11-29T10:05:00Z', { joinToken: '2026-11-30T10:00:00Z', certificates: { apiserver: '2026-12-24T00:00:00Z' } }),
    ], '2026-11-30T09:00:00Z');

    expect(allExpiries({ kubernetesVersion: '1.35' }, seen).map(({ kind, name, node, endsAt }) => [endsAt.slice(0, 13), kind, name, node])).toEqual([
      ['2026-11-30T09', 'provisioner-client', 'provisioner/client', null], ['2026-11-30T10', 'join-token', 'join/token', null], ['2026-12-24T00', 'certificate', 'apiserver', 'cp-2'],
      ['2027-02-28T00', 'kubernetes', '1.35', null], ['2027-11-01T00', 'certificate', 'etcd/peer', 'cp-1'],
      ['2029-05-31T00', 'operating-system', 'Ubuntu 24.04', null], ['2036-11-01T00', 'authority', 'ca', null],
    ]);
  });

  it('says nothing of a machine that has told nothing for a day, unless none has', () => {
    const nodesOf = (nodes: readonly NodeExpiries[]) => seenExpiries(nodes, undefined).flatMap(({ node }) => node ?? []);
    const gone = told('gone', '2026-11-28T09:00:00Z');
    expect(nodesOf([gone, told('cp-1', '2026-11-29T10:00:00Z')])).toEqual(['cp-1']);
    expect(nodesOf([gone])).toEqual(['gone']);
    expect(seenExpiries([], undefined)).toEqual([]);
  });
});
