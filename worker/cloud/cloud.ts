import type { NodeStep, ProvisionerClient } from '../../model/rendezvous.js';
import type { ClusterSpec } from '../../model/spec.js';

/** What the nodes of a cluster have published in the secret store so far. */
export interface PublishedSecrets {
  /** The cluster's CA, PEM. */
  readonly certificateAuthority: string | undefined;
  /** `api.NAME.DOMAIN:6443`. */
  readonly endpoint: string | undefined;
  readonly provisioner: ProvisionerClient | undefined;
}

/** Something of a cluster that the cloud still has. */
export interface FoundResource {
  readonly id: string;
  /** Its type token, for instance `aws:ec2/vpc:Vpc`; the cloud's own word where there is none that we know. */
  readonly kind: string;
  readonly region: string;
  /** The part that it was made as, where its tag says so. */
  readonly part: string | undefined;
}

/** A search with all that it looked for, found or not. */
export interface Search {
  readonly kinds: readonly string[];
  readonly found: readonly FoundResource[];
}

/** All direct talk to the cloud of one account and region. Errors are of the registry: `cloud-credentials`, `cloud-throttled`, `quota-exceeded`. */
export interface Cloud {
  /** Checks that the account answers and is the one that the accounts file names. Throws `cloud-credentials`. */
  checkIdentity(): Promise<void>;
  /** Checks what the cloud tells of its quotas against what a new cluster needs; what it does not tell is not checked. Throws `quota-exceeded`. */
  checkQuotas(spec: ClusterSpec): Promise<void>;
  /** What the nodes have published. */
  secrets(uid: string): Promise<PublishedSecrets>;
  /** Every node's last step, from the cluster's private bucket. */
  nodeSteps(bucket: string): Promise<NodeStep[]>;
  /** Removes what the nodes have put into the secret store: no stack knows of it. Returns how many there were. */
  forgetSecrets(uid: string): Promise<number>;
  /** Everything that carries the cluster's uid as a tag, in every region where the provider keeps such things, and in the secret store. */
  findByUid(uid: string): Promise<Search>;
}
