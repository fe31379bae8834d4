/** Something that Kubernetes made. */
export interface MadeThing {
  /** Its ARN. */
  readonly id: string;
  readonly kind: string;
  /** Deletes it; undefined while it cannot go because it is in use. */
  readonly remove: (() => Promise<unknown>) | undefined;
}

/** Where to look. */
export interface Territory {
  readonly accountId: string;
  readonly region: string;
  /** The cluster's own networks. */
  readonly networks: ReadonlySet<string>;
}
