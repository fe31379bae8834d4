import type { AwsAccount } from '../../model/accounts.js';
import { Cluster } from '../cluster.js';
import { nodeTemplates, type NodeTemplates } from '../nodes/templates.js';
import type { InfrastructureInput, Program } from '../provider.js';
import { archive } from './archive.js';
import { contextOf } from './context.js';
import { controlPlane } from './control-plane.js';
import { endpoints } from './endpoints.js';
import { flowLogs } from './flow-logs.js';
import { identity } from './identity.js';
import { currentImage } from './image.js';
import { loadBalancer } from './load-balancer.js';
import { network } from './network.js';
import { nodePools } from './node-pools.js';
import { outputs } from './outputs.js';
import { accountProvider } from './provider.js';
import { reach } from './reach.js';
import { security } from './security.js';
import { storage } from './storage.js';

/** The infrastructure of a cluster on AWS, in the order in which it comes to be. `templates` are what its nodes are set up with. */
export function infrastructure(input: InfrastructureInput<AwsAccount>, templates: NodeTemplates = nodeTemplates()): Program {
  return async () => {
    // The record goes first; then the provider, which everything else waits for.
    const cluster = new Cluster(input);
    const context = contextOf(input, cluster, accountProvider(input, cluster));

    // Where everything stands and who may do what.
    const net = network(context);
    const rules = security(context, net);
    const store = storage(context);
    flowLogs(context, net, store);
    const ways = endpoints(context, net, rules);
    const who = identity(context, net, store);
    const later = archive(context, store, templates);

    // How the API server is reached, by nodes and by the worker.
    const entry = loadBalancer(context, net, rules);
    reach(context, net, entry);

    // The machines, which find all they need when they boot.
    const ground = {
      network: net, security: rules, identity: who, storage: store, entry, templates, archive: later.facts,
      image: currentImage(context),
      before: [...net.routesOut, ...rules.rules, ...ways, ...store.buckets, later.object],
    };
    const machines = controlPlane(context, ground);
    const pools = nodePools(context, ground);

    return outputs(context, { network: net, storage: store, identity: who, entry, machines, pools });
  };
}
