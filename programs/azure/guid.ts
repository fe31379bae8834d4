import { createHash } from 'node:crypto';

/** Namespace of the service's names: the SHA-1 of "clusterwright", cut to 16 bytes. Role definitions and assignments are found by it again, so it never changes. */
const namespace = createHash('sha1').update('clusterwright').digest().subarray(0, 16);

/** The GUID that stands for a part of a cluster: version 5 of RFC 9562, the same each time. */
export function guid(uid: string, part: string): string {
  const bytes = createHash('sha1').update(namespace).update(`${uid}/${part}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
