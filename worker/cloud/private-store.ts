import type { Readable } from 'node:stream';

/** An object as a list tells of it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Another one with each write. */
  readonly etag: string;
}

/** Bytes of an object as they come, and how many they are. */
export interface ObjectContent {
  readonly stream: Readable;
  readonly sizeBytes: number;
}

/** A cluster's private bucket or container. Errors are of the registry, as for all talk to a cloud. */
export interface PrivateStore {
  /** The text of an object; undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  /** Writes something as JSON, in the place of what is there. */
  write(key: string, value: unknown): Promise<void>;
  /** The bytes of an object; undefined where there is none. They are read from the cloud as the caller takes them. */
  open(key: string): Promise<ObjectContent | undefined>;
  /** Writes bytes as they come, in the place of what is there and in one request, so there may be some 5 GB of them. It is not tried again: the stream is gone by then. */
  put(key: string, content: ObjectContent): Promise<void>;
  /** All objects below a prefix, in the order of their keys. */
  list(prefix: string): Promise<readonly ListedObject[]>;
}
