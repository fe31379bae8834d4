import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonRecord, KubeObject } from '../../json.js';

/** Image of the stand-ins' scripts: sh with busybox's applets, kubectl, iproute2 and nft. It is in every host's store. */
const image = 'sandbox.clusterwright.io/network:1';

/** What a stand-in is made for. */
export interface Replaced {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** All values of the release. */
  readonly values: JsonRecord;
  /** The API server's stable name and port: there is no service address before there is a pod network. */
  readonly endpoint: { readonly host: string; readonly port: string };
  /** The API server's version, such as `v1.35.4`. */
  readonly kubernetes: string;
}

/** What does the work of a chart that cannot be had. */
export interface StandIn {
  /** What it is, in a few words. */
  readonly is: string;
  /** Its objects in the order of creation; their names depend on the release's name and namespace only. @throws Error for values that do not say what it needs. */
  objects(replaced: Replaced): KubeObject[];
}

/** A DaemonSet that runs a script of this folder, with its account, its files and what it may do. */
export interface ScriptSet {
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More files beside the script. */
  readonly files?: Readonly<Record<string, string>>;
  readonly rules: readonly JsonRecord[];
  /** Where the script needs more than to talk to the API server. */
  readonly container?: JsonRecord;
  readonly containers?: readonly JsonRecord[];
  readonly volumes?: readonly JsonRecord[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Name of the account, the files and the workload of a stand-in. */
const nameOf = ({ name }: Replaced): string => `${name}-stand-in`;
/** Where containers find the files. */
export const filesAt = '/etc/stand-in';
/** How a container gets the files. */
export const filesMount = { name: 'files', mountPath: filesAt, readOnly: true };

/** The subject of bindings for a stand-in's account. */
export function accountOf(replaced: Replaced): JsonRecord {
  return { kind: 'ServiceAccount', name: nameOf(replaced), namespace: replaced.namespace };
}

/** A binding of a stand-in's account to a ClusterRole in the whole cluster. */
export function clusterBinding(replaced: Replaced, role: string, name = role): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name, labels: labelsOf(replaced) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [accountOf(replaced)],
  };
}

/** What marks the objects of a stand-in. */
export function labelsOf({ name }: Replaced): Record<string, string> {
  return { 'clusterwright.io/stand-in': name };
}

/** The objects of a stand-in that is a script on nodes; the workload, which is waited for, is the last. It runs on the host network, before anything else can, whatever taints there are. */
export function scriptSet(replaced: Replaced, { script, env = {}, files = {}, rules, container = {}, containers = [], volumes = [], nodeSelector }: ScriptSet): KubeObject[] {
  const { namespace, endpoint } = replaced;
  const [name, labels] = [nameOf(replaced), labelsOf(replaced)];
  const role = `clusterwright:${name}`;
  const data = { ...files, [script]: readFileSync(new URL(script, import.meta.url), 'utf8') };
  const variables = { KUBERNETES_SERVICE_HOST: endpoint.host, KUBERNETES_SERVICE_PORT: endpoint.port, HOME: '/run', ...env };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: role, labels }, rules },
    clusterBinding(replaced, role),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data },
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: {
          // Pods do not begin anew when their files change, unless something in their template does.
          metadata: { labels, annotations: { 'clusterwright.io/files': createHash('sha256').update(JSON.stringify(data)).digest('hex') } },
          spec: {
            serviceAccountName: name, hostNetwork: true, dnsPolicy: 'Default', priorityClassName: 'system-node-critical', tolerations: [{ operator: 'Exists' }], terminationGracePeriodSeconds: 1,
            ...(nodeSelector === undefined ? {} : { nodeSelector }),
            containers: [
              {
                name: 'script', image, imagePullPolicy: 'Never', command: ['sh', `${filesAt}/${script}`], ...container,
                env: [...Object.entries(variables).map(([variable, value]) => ({ name: variable, value })), { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                volumeMounts: [filesMount, ...(Array.isArray(container['volumeMounts']) ? (container['volumeMounts'] as JsonRecord[]) : [])],
              },
              ...containers,
            ],
            volumes: [{ name: 'files', configMap: { name } }, ...volumes],
          },
        },
      },
    },
  ];
}
