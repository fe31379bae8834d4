import { entraGroupPrefix } from '../../model/names.js';
import { nodeFactsPath, type NodeFacts } from '../../model/rendezvous.js';
import type { KubernetesVersion } from '../../model/spec.js';
import { registryFiles } from './registries.js';
import { filesOf, modeOf, type NodeFile, type NodeTemplates } from './templates.js';

/** Tags of `registry.k8s.io/pause` by minor, as kubeadm pulls it (`kubeadm config images list`). */
const pauseTags: Readonly<Record<KubernetesVersion, string>> = { '1.34': '3.10.1', '1.35': '3.10.1', '1.36': '3.10.2' };

/** The kubelet calls the host's own `iscsiadm`. A package makes a name of its own for each machine, by which targets know it. */
const iscsiPackages: NodeFile = { path: '/etc/clusterwright/packages.d/iscsi', mode: modeOf('/etc/clusterwright/packages.d/iscsi'), content: 'open-iscsi\n' };

/** What may stand between two `@` in a node file. */
type Values = Readonly<Record<string, unknown>>;

/**
 * All files of a node, by path: the templates' with their placeholders filled and without what only people read, the registries' and the node's facts. Whoever is
 * on a machine can read them: no secret is in them.
 */
export function nodeFiles(templates: NodeTemplates, facts: NodeFacts): NodeFile[] {
  const files = [
    ...filledFiles(filesOf(templates, facts), valuesOf(facts)),
    ...registryFiles(facts.registryMirrors),
    ...(facts.iscsi && facts.role === 'worker' ? [iscsiPackages] : []),
    { path: nodeFactsPath, mode: modeOf(nodeFactsPath), content: `${JSON.stringify(facts)}\n` },
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Files as they are sent. Throws where one asks for a value that is not given. */
export function filledFiles(files: readonly NodeFile[], values: Values): NodeFile[] {
  return files.map((file) => ({ ...file, content: compact({ ...file, content: filled(file, values) }) }));
}

function valuesOf(facts: NodeFacts): Values {
  const { endpoint, port, pool, labels, taints, entra, cni, podCidr, controlPlanes } = facts;
  const nodeLabels = { ...(pool === null ? {} : { 'clusterwright.io/pool': pool }), ...labels };
  const server = `https://${endpoint}:${port}`;
  return {
    ...facts,
    ...entra,
    // With it, the controller manager gives each node a /24 of the pod network, which Flannel takes from there. The other networks divide it themselves.
    podSubnet: cni === 'flannel' ? podCidr : '',
    entraPrefix: entraGroupPrefix,
    // Without workload identity the tokens are of use in the cluster only, and the API server names itself.
    issuer: facts.issuer ?? 'https://kubernetes.default.svc.cluster.local',
    jwksUri: `${facts.issuer ?? server}/openid/v1/jwks`,
    // With one control plane there may be no second node, and DNS counts as well with all its replicas only.
    ...(controlPlanes > 1 ? { dnsSpread: 'DoNotSchedule', dnsDomains: 2 } : { dnsSpread: 'ScheduleAnyway', dnsDomains: null }),
    nodeLabels: Object.entries(nodeLabels).map(([key, value]) => `${key}=${value}`).join(','),
    pauseImage: `registry.k8s.io/pause:${pauseTags[facts.kubernetesVersion]}`,
    taints,
  };
}

/**
 * A file as it is sent: without lines that are nothing but a comment, a script also without indentation and empty lines. They are for the readers of
 * templates/nodes/, and user data has a limit. What stands in a here-document stays as it is.
 */
export function compact({ path, content }: Pick<NodeFile, 'path' | 'content'>): string {
  const isScript = path.endsWith('.sh');
  let end: string | undefined;
  const lines = content.split('\n').flatMap((line) => {
    if (end !== undefined) {
      if (line === end) end = undefined;
      return [line];
    }
    if (/^\s*(#(?!!|cloud-config)|\/\/)/.test(line)) return [];
    if (!isScript) return [line];
    end = /<<'?(\w+)'?/.exec(line)?.[1];
    return line.trim() === '' ? [] : [line.trimStart()];
  });
  return isScript ? `${lines.join('\n')}\n` : lines.join('\n');
}

/**
 * Fills the placeholders of a file: `"@name@"` becomes the value as JSON, which is YAML and TOML too, whatever it is; a bare `@name@` the text or number as
 * it is. `${NAME}` is left to the node. Throws where a name is unknown, so that a slip in a template fails before a machine is made.
 */
function filled({ path, content }: NodeFile, values: Values): string {
  const valueOf = (name: string): unknown => {
    if (!Object.hasOwn(values, name)) throw new RangeError(`${path} asks for "${name}", which nodes have not`);
    return values[name];
  };
  return content
    .replace(/"@([a-z][A-Za-z]*)@"/g, (_match, name: string) => JSON.stringify(valueOf(name)))
    .replace(/@([a-z][A-Za-z]*)@/g, (_match, name: string) => {
      const value = valueOf(name);
      if (typeof value !== 'string' && typeof value !== 'number') throw new RangeError(`${path}: "${name}" is neither text nor number, so it must stand in quotes`);
      return String(value);
    });
}
