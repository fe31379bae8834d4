import type { AzureAccount } from '../../model/accounts.js';
import { Cluster } from '../cluster.js';
import { nodeTemplates, type NodeTemplates } from '../nodes/templates.js';
import type { InfrastructureInput, Program } from '../provider.js';
import { contextOf } from './context.js';
import { controlPlane } from './control-plane.js';
import { endpoints } from './endpoints.js';
import { flowLogs } from './flow-logs.js';
import { identity } from './identity.js';
import { diskEncryption } from './key.js';
import { loadBalancer } from './load-balancer.js';
import { network } from './network.js';
import { nodePools } from './node-pools.js';
import { outputs } from './outputs.js';
import { accountProvider } from './provider.js';
import { reach } from './reach.js';
import { security } from './security.js';
import { storage } from './storage.js';
import { vaults } from './vaults.js';

/** The infrastructure of a cluster on Azure, in the order in which it comes to be. `templates` are what its nodes are set up with. */
export function infrastructure(input: InfrastructureInput<AzureAccount>, templates: NodeTemplates = nodeTemplates()): Program {
  return async () => {
    // The record goes first; then the provider, which everything else waits for, and the resource group.
    const cluster = new Cluster(input);
    const context = contextOf(input, cluster, accountProvider(input, cluster));

    // Where everything stands and who may do what.
    const rules = security(context);
    const net = network(context, rules);
    const secrets = vaults(context, net);
    const encryption = diskEncryption(context, secrets);
    const store = storage(context, net);
    flowLogs(context, net, store);
    const ways = endpoints(context, net, secrets);
    const who = identity(context, { storage: store, vaults: secrets });

    // How the API server is reached, by nodes and by the worker.
    const entry = loadBalancer(context, net);
    reach(context, net, entry);

    // The machines, which find all they need when they boot.
    const ground = { network: net, identity: who, encryption, entry, templates, before: ways };
    const machines = controlPlane(context, ground);
    const pools = nodePools(context, ground);

    return outputs(context, { network: net, storage: store, encryption, identity: who, entry, machines, pools });
  };
}
