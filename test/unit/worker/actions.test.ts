import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionsByType, neededActions, workerActions } from '../../../worker/cloud/aws/actions.js';
import { ways } from '../../../worker/cloud/aws/finding/ways.js';
import { neededActions as azureActions } from '../../../worker/cloud/azure/actions.js';
import { covers } from '../../../worker/cloud/azure/permissions.js';

const folder = new URL('../../../worker/cloud/aws/', import.meta.url).pathname;
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n');

/** Where an API's call has another name than the right to it. */
const rights: Readonly<Record<string, string>> = { ListObjectsV2: 'ListBucket', DeleteClassic: 'DeleteLoadBalancer', DescribeClassicTags: 'DescribeTags', Classic: 'DescribeLoadBalancers' };
/** Calls that need no right. */
const free = ['GetCallerIdentity'];

describe('what the role of an AWS account needs', () => {
  it('has every type that the program uses', () => {
    expect(Object.keys(actionsByType).sort()).toEqual(Object.keys(ways).sort());
    for (const actions of Object.values(actionsByType)) expect(actions).not.toEqual([]);
  });

  it('has every call that the worker makes by itself', () => {
    const calls = [...sources.matchAll(/new ([A-Za-z0-9]+)Command\(/g), ...sources.matchAll(/\bpaginate([A-Z][A-Za-z]+)\(/g)].map(([, call = '']) => call);
    expect(calls.length).toBeGreaterThan(30);
    const names = neededActions.map((action) => action.split(':')[1]);
    expect([...new Set(calls)].filter((call) => !free.includes(call) && !names.includes(rights[call] ?? call))).toEqual([]);
  });

  it('names each action once, by service and name', () => {
    expect(new Set(neededActions).size).toBe(neededActions.length);
    for (const action of [...neededActions, ...workerActions]) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/);
  });
});

describe('what the identity of an Azure subscription needs', () => {
  it('names each action once, of a provider', () => {
    expect(new Set(azureActions).size).toBe(azureActions.length);
    for (const action of azureActions) expect(action).toMatch(/^Microsoft\.\w+(\/\w+)+\/(read|write|delete|action)$/);
    expect(azureActions).toEqual(expect.arrayContaining(['Microsoft.Network/virtualNetworks/subnets/write', 'Microsoft.Resources/subscriptions/resourceGroups/delete', 'Microsoft.Network/privateDnsZones/A/write', 'Microsoft.Authorization/roleAssignments/write']));
  });

  it('is covered by patterns as Azure reads them', () => {
    expect(covers('*', 'Microsoft.Network/virtualNetworks/read')).toBe(true);
    expect(covers('microsoft.network/*/read', 'Microsoft.Network/virtualNetworks/subnets/read')).toBe(true);
    expect(covers('Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/subnets/read')).toBe(false);
  });
});
