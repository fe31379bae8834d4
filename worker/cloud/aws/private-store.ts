import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, PutObjectCommand, S3Client, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { ListedObject, ObjectContent, PrivateStore } from '../private-store.js';
import { awsError, type AwsConnection } from './connection.js';

/** The cluster's private bucket. */
export class BucketStore implements PrivateStore {
  readonly #client: S3Client;

  constructor(connection: AwsConnection, private readonly bucket: string) {
    this.#client = connection.client('s3', S3Client, { forcePathStyle: connection.hasOwnAddress('s3') });
  }

  async read(key: string): Promise<string | undefined> {
    return this.#calling(`reading ${key}`, async () => (await this.#get(key))?.Body?.transformToString());
  }

  async open(key: string): Promise<ObjectContent | undefined> {
    return this.#calling(`reading ${key}`, async () => {
      const found = await this.#get(key);
      if (found === undefined) return undefined;
      if (!(found.Body instanceof Readable) || found.ContentLength === undefined) throw new Error(`S3 sends ${key} without its content or length`);
      return { stream: found.Body, sizeBytes: found.ContentLength };
    });
  }

  async put(key: string, { stream, sizeBytes }: ObjectContent): Promise<void> {
    await this.#calling(`writing ${key}`, () => this.#client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: stream, ContentLength: sizeBytes })));
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

  async #get(key: string): Promise<GetObjectCommandOutput | undefined> {
    try {
      return await this.#client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async #calling<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw awsError(error, `${doing} in ${this.bucket}`);
    }
  }
}
