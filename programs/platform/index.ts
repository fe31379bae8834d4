import { Cluster } from '../cluster.js';
import type { PlatformInput, Program } from '../provider.js';
import { grantAccess } from './access.js';
import { measureNodes } from './benchmark.js';
import { cloudConfigs } from './cloud-config.js';
import type { PlatformContext } from './context.js';
import { letDatabasesReachApi } from './database-api.js';
import { keepDns } from './dns-budget.js';
import { dnsConfigs } from './dns-config.js';
import { falcoConfigs } from './falco-config.js';
import { serveServices } from './kube-proxy.js';
import { listedStorage } from './listed-storage.js';
import { fenceMetadata } from './metadata-fence.js';
import { constrain } from './gatekeeper.js';
import { secureMesh } from './mesh.js';
import { platformNamespaces, teamNamespaces } from './namespaces.js';
import { fenceNamespaces } from './network-policies.js';
import { tellPipelines } from './pipelines.js';
import { enforcePolicies } from './policy-agent.js';
import { clusterProvider } from './provider.js';
import { saveApplications } from './rancher-backup.js';
import { installCharts } from './releases.js';
import { snapshotClasses, storageClasses } from './storage-classes.js';

export { installedAddons, type InstalledAddon } from './charts.js';

/** Names of the platform stack's outputs; nothing else is read from it. */
export const platformOutputNames = ['addons'] as const;

/**
 * The platform of a cluster: what lies in Kubernetes itself. Who may do what and where comes with it from the first moment; the charts follow in the order
 * of what they need: those that make nodes Ready at once, the others when `nodesJoined` has settled.
 */
export function platform(input: PlatformInput, nodesJoined: Promise<void> = Promise.resolve()): Program {
  return async () => {
    const cluster = new Cluster(input);
    const provider = clusterProvider(input, cluster);
    const context: PlatformContext = { input, options: { parent: cluster, provider } };

    const namespaces = teamNamespaces(context);
    fenceNamespaces(context, namespaces);
    grantAccess(context, namespaces);
    tellPipelines(context);
    keepDns(context);

    const addonNamespaces = platformNamespaces(context);
    measureNodes(context, addonNamespaces);
    const services = serveServices(context);
    const ground = { namespaces: addonNamespaces, configs: new Map([...cloudConfigs(context), ...dnsConfigs(context, addonNamespaces), ...falcoConfigs(context, addonNamespaces), ...services, ...enforcePolicies(context, services.map(([, proxies]) => proxies))]), classes: storageClasses(context), nodesJoined };
    const { addons, network, gatekeeper, mesh, rancherBackup, snapshots } = installCharts(context, ground);
    listedStorage(context);
    if (snapshots) snapshotClasses(context, snapshots);
    if (gatekeeper) constrain(context, gatekeeper);
    if (mesh) secureMesh(context, namespaces, mesh);
    if (rancherBackup) saveApplications(context, namespaces, addonNamespaces, rancherBackup);
    if (network) {
      fenceMetadata(context, network);
      letDatabasesReachApi(context, network);
    }
    return { addons };
  };
}
