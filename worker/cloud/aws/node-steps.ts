import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { nodeStepPrefix, nodeStepSchema, type NodeStep } from '../../../model/rendezvous.js';
import { awsError, type AwsConnection } from './connection.js';

/** The nodes' step objects in the cluster's private bucket. An object is read again only when it has changed. */
export class NodeStepReader {
  readonly #client: S3Client;
  readonly #read = new Map<string, { etag: string; step: NodeStep | undefined }>();

  constructor(connection: AwsConnection) {
    this.#client = new S3Client({ ...connection.configuration('s3'), forcePathStyle: connection.hasOwnAddress('s3') });
  }

  /** Every node's last step. */
  async steps(bucket: string): Promise<NodeStep[]> {
    try {
      const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: nodeStepPrefix }));
      const steps = await Promise.all(Contents.map(async ({ Key, ETag }) => (Key === undefined ? undefined : this.#step(bucket, Key, ETag ?? ''))));
      return steps.filter((step) => step !== undefined);
    } catch (error) {
      throw awsError(error, `reading the nodes' steps from ${bucket}`);
    }
  }

  async #step(bucket: string, key: string, etag: string): Promise<NodeStep | undefined> {
    const id = `${bucket}/${key}`;
    const known = this.#read.get(id);
    if (known !== undefined && etag !== '' && known.etag === etag) return known.step;
    const { Body, ETag } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const step = parseStep((await Body?.transformToString()) ?? '');
    this.#read.set(id, { etag: ETag ?? etag, step });
    return step;
  }
}

/** What is no step is passed over: nodes write these objects, and a broken one must not stop all others. */
function parseStep(text: string): NodeStep | undefined {
  try {
    return nodeStepSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
