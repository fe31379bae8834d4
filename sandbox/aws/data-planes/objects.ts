import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../clock.js';
import type { Kept } from '../../inventory/item.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Journal, Table } from '../../inventory/journal.js';
import { AwsError } from '../errors.js';

/** One version of one object; a delete marker has no body. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` (the text) in a bucket without versioning, as S3 names it. */
  readonly versionId: string;
  readonly deleted: boolean;
  /** Base64. */
  readonly body: string;
  readonly size: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Sandbox time in milliseconds. */
  readonly modifiedAt: number;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** `*`: only if no such object exists. */
  readonly ifNoneMatch?: '*';
  /** Only if the current object has this ETag. */
  readonly ifMatch?: string;
}

/** How long a conditional write is under way, in milliseconds. */
const conditionalWriteMs = 5;
const bucketType = 'aws:s3/bucket:Bucket';
const versioningType = 'aws:s3/bucketVersioning:BucketVersioning';

/** S3's objects, with versions and conditional writes. Persistent. Buckets are items of the inventory. */
export class Objects {
  readonly #table: Table<ObjectVersion>;
  /** Bucket to key to versions, newest first. */
  readonly #index = new Map<string, Map<string, ObjectVersion[]>>();
  /** Bucket and key of the conditional writes under way. */
  readonly #underWay = new Set<string>();
  /** Emits `changed` with the new version (or delete marker) after each put and delete. */
  readonly events = new EventEmitter<{ changed: [ObjectVersion] }>();

  constructor(
    journal: Journal,
    private readonly inventory: Inventory,
    private readonly clock: Clock,
  ) {
    this.#table = journal.table('aws/objects');
    for (const version of this.#table.values()) this.#versions(version.bucket, version.key).unshift(version);
    inventory.subscribe({
      deleted: (item) => {
        if (item.type === bucketType) this.empty(item.id);
      },
    });
  }

  /** Writes an object. @throws AwsError NoSuchBucket, PreconditionFailed */
  put(bucket: string, key: string, body: string | Uint8Array, options: PutOptions = {}): ObjectVersion {
    this.#requireBucket(bucket);
    const current = this.get(bucket, key);
    if ((options.ifNoneMatch === '*' && current !== undefined) || (options.ifMatch !== undefined && options.ifMatch !== current?.etag)) {
      if (options.ifMatch !== undefined && current === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
      throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    }
    const bytes = Buffer.from(body);
    return this.#add({
      bucket,
      key,
      versionId: this.#newVersionId(bucket),
      deleted: false,
      body: bytes.toString('base64'),
      size: bytes.length,
      etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      contentType: options.contentType ?? 'binary/octet-stream',
      metadata: options.metadata ?? {},
      modifiedAt: this.clock.now(),
    });
  }

  /**
   * Writes an object under a condition, which takes a moment: the loser of two such writes at once is told to look again.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   * @throws AwsError as `put`, and ConditionalRequestConflict
   */
  async putConditionally(bucket: string, key: string, body: string | Uint8Array, options: PutOptions): Promise<ObjectVersion> {
    const row = `${bucket}|${key}`;
    if (this.#underWay.has(row)) throw new AwsError('ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation against this resource.', 409);
    this.#underWay.add(row);
    try {
      await delay(conditionalWriteMs);
      return this.put(bucket, key, body, options);
    } finally {
      this.#underWay.delete(row);
    }
  }

  /** The current object, or a given version of it. @throws AwsError NoSuchBucket */
  get(bucket: string, key: string, versionId?: string): ObjectVersion | undefined {
    this.#requireBucket(bucket);
    const versions = this.#index.get(bucket)?.get(key) ?? [];
    const found = versionId === undefined ? versions[0] : versions.find((version) => version.versionId === versionId);
    return found?.deleted === true ? undefined : found;
  }

  /** Deletes an object (with versioning: hides it behind a marker), or one version for good. @throws AwsError NoSuchBucket */
  delete(bucket: string, key: string, versionId?: string): ObjectVersion | undefined {
    this.#requireBucket(bucket);
    const versions = this.#versions(bucket, key);
    if (versionId !== undefined) return this.#drop(versions, versionId);
    if (!this.isVersioned(bucket)) {
      const dropped = this.#drop(versions, 'null');
      if (dropped !== undefined) this.events.emit('changed', { ...dropped, deleted: true, body: '' });
      return dropped;
    }
    return this.#add({
      bucket, key, versionId: this.#newVersionId(bucket), deleted: true, body: '', size: 0, etag: '', contentType: '', metadata: {}, modifiedAt: this.clock.now(),
    });
  }

  /** Current objects by key, ascending. @throws AwsError NoSuchBucket */
  list(bucket: string, prefix = ''): ObjectVersion[] {
    return this.versions(bucket, prefix).filter((version) => !version.deleted && this.isLatest(version));
  }

  /** All versions and delete markers: by key ascending, newest first. @throws AwsError NoSuchBucket */
  versions(bucket: string, prefix = ''): ObjectVersion[] {
    this.#requireBucket(bucket);
    const keys = [...(this.#index.get(bucket)?.keys() ?? [])].filter((key) => key.startsWith(prefix)).sort();
    return keys.flatMap((key) => this.#index.get(bucket)?.get(key) ?? []);
  }

  isLatest(version: ObjectVersion): boolean {
    return this.#index.get(version.bucket)?.get(version.key)?.[0] === version;
  }

  /** Deletes everything in a bucket for good. */
  empty(bucket: string): void {
    for (const versions of this.#index.get(bucket)?.values() ?? []) for (const version of versions) this.#table.delete(rowKey(version));
    this.#index.delete(bucket);
  }

  /** Objects that were deleted but whose versions the bucket keeps. */
  kept(): Kept[] {
    return [...this.#index].flatMap(([bucket, keys]) =>
      [...keys]
        .filter(([, versions]) => versions[0]?.deleted === true && versions.length > 1)
        .map(([key]): Kept => ({ id: `${bucket}/${key}`, type: bucketType, cluster: this.inventory.get(bucketType, bucket)?.cluster ?? null, reason: 'versions', until: null })),
    );
  }

  #requireBucket(bucket: string): void {
    if (this.inventory.get(bucketType, bucket) === undefined) throw new AwsError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
  }

  /** Whether deletions and overwrites leave versions behind. */
  isVersioned(bucket: string): boolean {
    const configuration = this.inventory.get(versioningType, bucket)?.inputs['versioningConfiguration'];
    return typeof configuration === 'object' && configuration !== null && !Array.isArray(configuration) && configuration['status'] === 'Enabled';
  }

  #newVersionId(bucket: string): string {
    return this.isVersioned(bucket) ? randomBytes(24).toString('base64url') : 'null';
  }

  #versions(bucket: string, key: string): ObjectVersion[] {
    const keys = this.#index.get(bucket) ?? new Map<string, ObjectVersion[]>();
    this.#index.set(bucket, keys);
    const versions = keys.get(key) ?? [];
    keys.set(key, versions);
    return versions;
  }

  #add(version: ObjectVersion): ObjectVersion {
    // Only the version id `null` can be there already: without versioning an object replaces its predecessor.
    this.#drop(this.#versions(version.bucket, version.key), version.versionId);
    this.#versions(version.bucket, version.key).unshift(version);
    this.#table.put(rowKey(version), version);
    this.events.emit('changed', version);
    return version;
  }

  /** Removes one version for good. */
  #drop(versions: ObjectVersion[], versionId: string): ObjectVersion | undefined {
    const index = versions.findIndex((version) => version.versionId === versionId);
    const [dropped] = index < 0 ? [] : versions.splice(index, 1);
    if (dropped === undefined) return undefined;
    this.#table.delete(rowKey(dropped));
    if (versions.length === 0) this.#index.get(dropped.bucket)?.delete(dropped.key);
    return dropped;
  }
}

function rowKey(version: ObjectVersion): string {
  return `${version.bucket}|${version.versionId}|${version.key}`;
}
