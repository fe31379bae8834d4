/** Valid cluster names: they start with a letter and are at most 24 characters long, so that physical names fit into all limits. */
export const clusterNamePattern = /^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/;

/** A cluster's uid: 12 characters, new with each creation. */
export const uidPattern = /^[a-z][a-z0-9]{11}$/;

/**
 * The physical name of a part of a cluster: `NAME-<6 of uid>-part`. Names are deterministic, so a lost answer can be looked up. Where
 * `limit` (characters, default 63) is too small, NAME is shortened: the six characters of the uid keep it unique.
 */
export function physicalName(cluster: { name: string; uid: string }, part: string, limit = 63): string {
  const tail = `-${cluster.uid.slice(0, 6)}-${part}`;
  const head = cluster.name.slice(0, Math.max(0, limit - tail.length)).replace(/-+$/, '');
  if (head.length === 0) throw new RangeError(`the part "${part}" leaves no room for a name of ${limit} characters`);
  return head + tail;
}

/** The tags that everything of a cluster carries, as far as its kind can. `resource` is the part's name within the cluster. */
export const tagKeys = {
  installation: 'clusterwright:installation',
  uid: 'clusterwright:uid',
  cluster: 'clusterwright:cluster',
  resource: 'clusterwright:resource',
} as const;

/** The tags of one resource of a cluster. */
export function clusterTags(cluster: { name: string; uid: string; installation: string }, resource: string): Record<string, string> {
  return { [tagKeys.installation]: cluster.installation, [tagKeys.uid]: cluster.uid, [tagKeys.cluster]: cluster.name, [tagKeys.resource]: resource };
}

/**
 * The tag by which Kubernetes' controllers tell what is theirs, with the value `owned`: https://cloud-provider-aws.sigs.k8s.io/ and the EBS driver
 * with `--k8s-tag-cluster-id`.
 */
export function kubernetesOwnershipTag(cluster: string): string {
  return `kubernetes.io/cluster/${cluster}`;
}

/** The Pulumi project of all stacks. */
export const projectName = 'clusterwright';

/** The two stacks of a cluster, in the order in which they are made. */
export const stackKinds = ['infrastructure', 'platform'] as const;
export type StackKind = (typeof stackKinds)[number];

/** Name of a cluster's stack: `NAME-infrastructure` or `NAME-platform`. */
export function stackName(cluster: string, kind: StackKind): string {
  return `${cluster}-${kind}`;
}

/** The stable name of a cluster's API server in its private zone. It never changes. */
export function endpointName(cluster: string, domain: string): string {
  return `api.${cluster}.${domain}`;
}

/** Port of every API server. */
export const apiServerPort = 6443;

/**
 * Prefix of the group names that the API server makes of a token's Entra groups: a group is `entra:<object id>`. Bindings name groups with it, and the
 * control planes' authentication configuration sets it.
 */
export const entraGroupPrefix = 'entra:';

/** Name of an Entra group within Kubernetes. Tokens carry object ids in lower case. */
export function entraGroupName(objectId: string): string {
  return entraGroupPrefix + objectId.toLowerCase();
}

/** Name of a pipeline as the API server makes it of a token that follows its rules: its user and its only group. The nodes' pipelines.jq sets it. */
export function pipelineSubject(name: string): string {
  return `pipeline:${name}`;
}
