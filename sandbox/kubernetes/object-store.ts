/** The objects of a bucket or container. */
export interface ObjectStore {
  get(key: string): Buffer | undefined;
  put(key: string, content: string | Buffer, contentType: string): void;
  /** Keys that begin with a prefix. */
  list(prefix: string): string[];
  /** Deletes an object if it is there. */
  delete(key: string): void;
}
