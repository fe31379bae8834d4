/** An object as a list tells of it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Another one with each write. */
  readonly etag: string;
}

/** A cluster's private bucket or container. Errors are of the registry, as for all talk to a cloud. */
export interface PrivateStore {
  /** The text of an object; undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  /** Writes something as JSON, in the place of what is there. */
  write(key: string, value: unknown): Promise<void>;
  /** All objects below a prefix, in the order of their keys. */
  list(prefix: string): Promise<readonly ListedObject[]>;
}
