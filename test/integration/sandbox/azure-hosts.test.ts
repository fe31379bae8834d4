import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscriptionId, tenantId } from '../../../sandbox/azure/cloud.js';
import { azureHosts } from '../../../sandbox/azure/hosts/index.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import { admitNew } from '../../../sandbox/azure/lifecycle.js';
import { resourceType } from '../../../sandbox/azure/types/index.js';
import * as types from '../../../sandbox/azure/types/tokens.js';
import { openDoor } from '../../../sandbox/hosts/exit-door.js';
import { firewall } from '../../../sandbox/hosts/firewall.js';
import { Gate } from '../../../sandbox/hosts/gate-process.js';
import { metadataAddress, type HostCloud, type HostMachine, type HostNetwork } from '../../../sandbox/hosts/host-cloud.js';
import { ServiceTls } from '../../../sandbox/hosts/service-tls.js';
import { Space } from '../../../sandbox/hosts/space.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { runProgram } from '../../support/nodes.js';
import { inside, machine, networkInterface, place, subnet } from '../../unit/sandbox/azure-ground.js';

const prefix = `cwt${process.pid}`;
const serviceAddress = '198.18.255.1';
const secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';

let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let hosts: HostCloud;
let space: Space;
let gate: Gate;
let door: Server;
let tls: ServiceTls;
let networkId: string;
const servers: ChildProcess[] = [];

const make = (type: string, inputs: PropertyMap): Item => admitNew(azure.cloud, resourceType(type), 'westeurope', inputs);
const network = (): HostNetwork => hosts.network(networkId) ?? expect.fail('the network is none of hosts');
const machines = (): HostMachine[] => sandbox.inventory.ofType(types.virtualMachine).flatMap((item) => hosts.machine(item) ?? []);
const named = (name: string): HostMachine => machines().find((one) => one.name === name) ?? expect.fail(`there is no host ${name}`);
const spaceOf = (name: string): string => `${prefix}-${name}`;
const on = (name: string, program: string, ...args: string[]) => runProgram('ip', ['netns', 'exec', spaceOf(name), program, ...args]);
/** What curl prints on a host: the answer, then its status; 000 where nobody answers in time. */
const curl = async (name: string, ...args: string[]): Promise<string> => (await on(name, 'curl', '--silent', '--max-time', '30', '--write-out', ' %{http_code}', ...args)).output;
/** For curl where nobody is going to answer. */
const briefly = ['--max-time', '3'];
const patience = { timeout: 60_000 };

/** What is done for a network of hosts, with namespaces in the place of whole hosts. */
async function openNetwork(): Promise<void> {
  space = new Space(prefix);
  await space.open();
  const { nameServer, balancers, policies, names, services, worker } = network();
  for (const address of [metadataAddress, serviceAddress, nameServer, worker, ...balancers.map((one) => one.address)]) await space.claim(address);
  for (const { name, address } of machines()) await space.attach({ space: spaceOf(name), address, prefixLength: 24, gateway: '10.20.0.1' });
  await space.filter(firewall(policies, [metadataAddress, nameServer]));
  const socket = path.join(home, 'exits');
  tls = await ServiceTls.open(home);
  door = openDoor(socket, (connection, { source, destination }) => {
    if (destination === metadataAddress) hosts.metadata(machines().find(({ address }) => address === source)?.id ?? '').emit('connection', connection);
    else tls.serve(connection, () => hosts.services);
  });
  await once(door, 'listening');
  gate = await Gate.open(prefix, path.resolve('dist/sandbox/hosts/gate/main.js'), path.join(home, 'gate'));
  gate.apply({
    exits: [{ address: metadataAddress, port: 80, socket }, { address: serviceAddress, port: 443, socket }], balancers: balancers.map(({ outside: _outside, ...settings }) => settings), nameServers: [nameServer],
    names: Object.fromEntries([...Object.entries(names), ...services.map((name) => [name, [serviceAddress]] as const)].map(([name, addresses]) => [name, [...addresses]])),
  });
}

/** An API server that tells who asks. */
async function serve(name: string, certificate: string, key: string): Promise<void> {
  const program = `require('node:https').createServer({ cert: process.argv[1], key: process.argv[2] }, (request, response) => response.end(request.url === '/readyz' ? '${name}' : request.socket.remoteAddress)).listen(6443, '0.0.0.0', () => console.log('ready'))`;
  const child = spawn('ip', ['netns', 'exec', spaceOf(name), process.execPath, '-e', program, '--', certificate, key], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(said[0])).toBe('ready\n');
}

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'azure-hosts-'));
  sandbox = await openSandbox(home, 0);
  azure = await startAzure(sandbox);
  hosts = azureHosts(azure);
  make(types.resourceGroup, { ...place });
  networkId = make(types.virtualNetwork, { ...place, virtualNetworkName: 'network', addressSpace: { addressPrefixes: ['10.20.0.0/16'] } }).id;
  const { id: securityGroup } = make(types.networkSecurityGroup, { ...place, networkSecurityGroupName: 'nodes' });
  const rule = (securityRuleName: string, priority: number, direction: string, access: string, more: PropertyMap) => make(types.securityRule, {
    ...inside, networkSecurityGroupName: 'nodes', securityRuleName, priority, direction, access, protocol: 'Tcp', sourcePortRange: '*', sourceAddressPrefix: '*', destinationPortRange: '6443', destinationAddressPrefix: '*', ...more,
  });
  rule('in-api', 130, 'Inbound', 'Allow', { sourceAddressPrefix: '10.20.0.0/24' });
  rule('in-probe', 131, 'Inbound', 'Allow', { sourceAddressPrefix: 'AzureLoadBalancer' });
  rule('in-provisioner', 132, 'Inbound', 'Allow', { sourceAddressPrefix: '10.1.0.0/16' });
  rule('in-nothing-else', 4096, 'Inbound', 'Deny', { protocol: '*', destinationPortRange: '*' });
  rule('out-api', 130, 'Outbound', 'Allow', { destinationAddressPrefix: '10.20.0.0/24' });
  rule('out-https', 200, 'Outbound', 'Allow', { destinationAddressPrefix: 'Internet', destinationPortRange: '443' });
  rule('out-nothing-else', 4096, 'Outbound', 'Deny', { protocol: '*', destinationPortRange: '*' });
  const { id: subnetId } = make(types.subnet, subnet('nodes', '10.20.0.0/24', { networkSecurityGroup: { id: securityGroup }, serviceEndpoints: [{ service: 'Microsoft.KeyVault' }] }));
  const part = (list: string, name: string) => ({ id: `/subscriptions/${subscriptionId}/resourceGroups/${place.resourceGroupName}/providers/Microsoft.Network/loadBalancers/api/${list}/${name}` });
  make(types.loadBalancer, {
    ...place, loadBalancerName: 'api', sku: { name: 'Standard' }, frontendIPConfigurations: [{ name: 'api', subnet: { id: subnetId }, privateIPAllocationMethod: 'Dynamic' }], backendAddressPools: [{ name: 'control-plane' }],
    probes: [{ name: 'readyz', protocol: 'Https', port: 6443, requestPath: '/readyz', intervalInSeconds: 10, probeThreshold: 2 }],
    loadBalancingRules: [{ name: 'api', frontendIPConfiguration: part('frontendIPConfigurations', 'api'), backendAddressPool: part('backendAddressPools', 'control-plane'), probe: part('probes', 'readyz'), protocol: 'Tcp', frontendPort: 6443, backendPort: 6443 }],
  });
  const { id: identity, outputs: { principalId } } = make(types.userAssignedIdentity, { ...place, resourceName: 'nodes' });
  for (const [name, pools] of [['demo-cp-1', [part('backendAddressPools', 'control-plane')]], ['demo-worker', []]] as const) {
    const { id } = make(types.networkInterface, networkInterface(name, subnetId, { loadBalancerBackendAddressPools: [...pools] }));
    make(types.virtualMachine, machine(name, id, { identity: { type: 'UserAssigned', userAssignedIdentities: [identity] } }));
  }
  for (const [vaultName, virtualNetworkRules] of [['demo-open', [{ id: subnetId }]], ['demo-shut', []]] as const) {
    const { id: scope } = make(types.vault, { ...place, vaultName, properties: { tenantId, sku: { family: 'A', name: 'standard' }, networkAcls: { bypass: 'None', defaultAction: 'Deny', ipRules: [], virtualNetworkRules: [...virtualNetworkRules] } } });
    make(types.roleAssignment, { scope, principalId: principalId ?? '', principalType: 'ServicePrincipal', roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsOfficer}`, roleAssignmentName: '00000000-0000-4000-8000-000000000001' });
  }
  await openNetwork();
  const authority = await CertificateAuthority.create('demo');
  const { certificate, key } = await authority.issueServer(['api.demo.clusterwright.internal'], []);
  await serve('demo-cp-1', certificate, key);
});

afterAll(async () => {
  for (const child of servers) child.kill('SIGKILL');
  await gate.close();
  door.close();
  for (const { name } of machines()) await space.detach(spaceOf(name));
  await space.close();
  await azure.close();
  await sandbox.journal.close();
  await rm(home, { recursive: true, force: true });
});

describe('azure network of real hosts', () => {
  const frontend = (): string => `https://${network().balancers[0]?.address ?? ''}:6443`;

  it('leads to a control plane whose probe gets in by the rule for load balancers, and by nothing else', async () => {
    await expect.poll(() => curl('demo-worker', ...briefly, '--insecure', `${frontend()}/readyz`), patience).toBe('demo-cp-1 200');

    const { policies, nameServer } = network();
    const probeless = policies.map((policy) => ({ ...policy, inbound: policy.inbound.filter(({ peers }) => !peers.includes('168.63.129.16/32')) }));
    await space.filter(firewall(probeless, [metadataAddress, nameServer]));
    await expect.poll(() => curl('demo-worker', ...briefly, '--insecure', `${frontend()}/readyz`), patience).toBe(' 000');
    await space.filter(firewall(policies, [metadataAddress, nameServer]));
    await expect.poll(() => curl('demo-worker', ...briefly, '--insecure', `${frontend()}/readyz`), patience).toBe('demo-cp-1 200');
  });

  it('sends nothing back to the machine that it came from', async () => {
    expect(await curl('demo-cp-1', ...briefly, '--insecure', `${frontend()}/readyz`)).toBe(' 000');
  });

  it('lets through what security groups allow, and no more', async () => {
    const { address } = named('demo-cp-1');
    expect(await curl('demo-worker', '--insecure', `https://${address}:6443/`)).toBe(`${named('demo-worker').address} 200`);
    expect(await curl('demo-worker', ...briefly, '--insecure', `https://${address}:2379/`)).toBe(' 000');
  });

  it('answers names at the address that Azure has for it', async () => {
    await writeFile(path.join(home, 'resolve.cjs'), 'const { Resolver } = require("node:dns").promises; const resolver = new Resolver(); resolver.setServers(["168.63.129.16"]); resolver.resolve4(process.argv[2]).then((found) => console.log(found.join()), (error) => console.log(error.code));');
    const resolve = async (name: string): Promise<string> => (await on('demo-worker', process.execPath, path.join(home, 'resolve.cjs'), name)).output.trim();
    expect(await Promise.all(['demo-cp-1', 'demo-open.vault.azure.net', 'demo.blob.core.windows.net', 'vault.azure.net.example.com'].map(resolve))).toEqual([named('demo-cp-1').address, serviceAddress, serviceAddress, 'ENOTFOUND']);
  });

  it('reaches vaults under their own names with the identity of the machine, as far as their firewalls let its subnet in', async () => {
    const trusted = path.join(home, 'authority.pem');
    await writeFile(trusted, tls.certificate);
    const answer = await curl('demo-worker', '--header', 'Metadata: true', `http://${metadataAddress}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net`);
    const { access_token: token } = JSON.parse(answer.replace(/ 200$/, '')) as { access_token: string };
    const vault = (name: string, ...more: string[]) => curl('demo-worker', '--cacert', trusted, '--resolve', `${name}:443:${serviceAddress}`, '--header', `authorization: Bearer ${token}`, ...more, `https://${name}/secrets/join-token?api-version=7.4`);

    expect(await vault('demo-open.vault.azure.net', '--request', 'PUT', '--data', '{"value":"very secret"}')).toMatch(/"value":"very secret".* 200$/);
    expect(await vault('demo-open.vault.azure.net')).toMatch(/"id":"https:\/\/demo-open\.vault\.azure\.net\/secrets\/join-token\/[0-9a-f]{32}".* 200$/);
    expect(await vault('demo-shut.vault.azure.net')).toMatch(/ForbiddenByFirewall.* 403$/);
    expect(await vault('login.example.com')).toBe('the sandbox has no service of Azure at login.example.com\n 421');
    expect(azure.secrets.list(`/subscriptions/${subscriptionId}/resourceGroups/${place.resourceGroupName}/providers/Microsoft.KeyVault/vaults/demo-open`).map(({ name }) => name)).toEqual(['join-token']);
  });

  it('is entered by the worker through the load balancer, as far as a rule lets the worker in', async () => {
    const { policies, nameServer, worker } = network();
    const without = (peer: string) => space.filter(firewall(policies.map((policy) => ({ ...policy, inbound: policy.inbound.filter(({ peers }) => !peers.includes(peer)) })), [metadataAddress, nameServer]));
    const ask = async (): Promise<string> => {
      const secure = connect({ socket: gate.enter(worker, network().balancers[0]?.address ?? '', 6443), rejectUnauthorized: false });
      secure.write('GET / HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\r\n');
      const chunks: Buffer[] = [];
      for await (const chunk of secure) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    };
    await expect.poll(() => curl('demo-worker', ...briefly, '--insecure', `${frontend()}/readyz`), patience).toBe('demo-cp-1 200');

    await without('10.20.0.0/24');
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK[^]*10\.1\.0\.10/);
    await without('10.1.0.0/16');
    expect(await ask()).toBe('');
    await space.filter(firewall(policies, [metadataAddress, nameServer]));
  });
});
