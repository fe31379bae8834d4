import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ListedObject, PrivateStore } from '../private-store.js';
import { awsError, type AwsConnection } from './connection.js';

/** The cluster's private bucket. */
export class BucketStore implements PrivateStore {
  readonly #client: S3Client;

  constructor(connection: AwsConnection, private readonly bucket: string) {
    this.#client = new S3Client({ ...connection.configuration('s3'), forcePathStyle: connection.hasOwnAddress('s3') });
  }

  async read(key: string): Promise<string | undefined> {
    return this.#calling(`reading ${key}`, async () => {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    });
  }

  async write(key: string, value: unknown): Promise<void> {
    await this.#calling(`writing ${key}`, () => this.#client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: JSON.stringify(value), ContentType: 'application/json' })));
  }

  async list(prefix: string): Promise<readonly ListedObject[]> {
    return this.#calling(`listing ${prefix}`, async () => {
      const found: ListedObject[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, { Bucket: this.bucket, Prefix: prefix })) {
        found.push(...Contents.flatMap(({ Key, Size, ETag }) => (Key === undefined ? [] : { key: Key, sizeBytes: Size ?? 0, etag: ETag ?? '' })));
      }
      return found;
    });
  }

  async #calling<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw awsError(error, `${doing} in ${this.bucket}`);
    }
  }
}
