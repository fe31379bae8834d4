import { z } from 'zod';
import { cidrSchema, dnsLabelSchema, domainSchema } from './fields.js';
import type { Fault } from './errors.js';
import { repeated } from './faults.js';

const ipv4Schema = z.ipv4();
const serverSchema = z.union([ipv4Schema, domainSchema], 'must be an IPv4 address or a host name of at least two labels');

/** Options of `mount -t nfs4`. The version is set apart: only version 4 gets by with one port. */
const mountOptionSchema = z.string().max(60).regex(/^[a-z][a-z0-9_]*(=[A-Za-z0-9._-]+)?$/, 'must be a mount option such as "hard" or "rsize=1048576"')
  .refine((option) => !/^(nfsvers|vers|v[0-9]|minorversion|port|proto|udp|rdma|mountport|mountproto|mountvers)/.test(option), 'is set by the platform: NFS 4.1 by TCP on port 2049');

/** A class whose volumes are folders on a server of yours. */
export const storageClassSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('nfs'),
    name: dnsLabelSchema(63).describe('Name of the storage class'),
    server: serverSchema.describe('Name or address of the NFS server'),
    addresses: cidrSchema.optional().describe('Network that the server answers from, to which machines are let out; needed where `server` is a name, else the server\'s address'),
    path: z.string().max(250).regex(/^(\/[A-Za-z0-9._-]*)+$/, 'must be an absolute path').default('/').describe('What it exports; each volume is a folder below'),
    mountOptions: z.array(mountOptionSchema).max(10).default([]).describe('Options besides the version, which is 4.1'),
    reclaimPolicy: z.enum(['Retain', 'Delete']).default('Retain').describe('Whether the folder stays when its claim is deleted'),
  }),
]);
export type StorageClass = z.infer<typeof storageClassSchema>;

/** A volume that is there already. */
export const storageVolumeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('iscsi'),
    name: dnsLabelSchema(63).describe('Name of the PersistentVolume'),
    portal: ipv4Schema.describe('Address of the target\'s portal, on port 3260'),
    iqn: z.string().max(223).regex(/^iqn\.[0-9]{4}-[0-9]{2}\.[a-z0-9.-]+(:[A-Za-z0-9.:_-]+)?$/, 'must be a name such as "iqn.2024-01.com.example:disks"').describe('Name of the target'),
    lun: z.int().min(0).max(255).describe('Number of the unit'),
    capacityGiB: z.int().min(1).max(65536),
    fileSystem: z.enum(['ext4', 'xfs']).default('ext4').describe('Made where the unit has none'),
    chapSecret: dnsLabelSchema(63).optional().describe('Secret of kube-system, of type kubernetes.io/iscsi-chap, with what signs in to the target'),
  }),
]);
export type StorageVolume = z.infer<typeof storageVolumeSchema>;

/** Storage outside of the cluster, beside the cloud's disks. */
export const storageSchema = z.strictObject({
  classes: z.array(storageClassSchema).max(10).default([]).describe('Storage classes on servers of yours'),
  volumes: z.array(storageVolumeSchema).max(50).default([]).describe('Volumes that are there already'),
});

export type Storage = z.infer<typeof storageSchema>;

/** Class of the volumes that the spec lists. */
export const listedVolumesClass = 'iscsi';
/** Classes that the platform has made already, on one cloud or the other. */
const takenClasses: readonly string[] = ['gp3', 'premium-ssd', listedVolumesClass];

/** Ports of storage that machines call outside of the cluster, and the networks that it answers from there. */
export function storageServers({ classes, volumes }: Storage): { readonly kind: 'nfs' | 'iscsi'; readonly port: number; readonly cidrs: string[] }[] {
  const servers = [
    { kind: 'nfs' as const, port: 2049, cidrs: distinct(classes.map(({ server, addresses }) => addresses ?? `${server}/32`)) },
    { kind: 'iscsi' as const, port: 3260, cidrs: distinct(volumes.map(({ portal }) => `${portal}/32`)) },
  ];
  return servers.filter(({ cidrs }) => cidrs.length > 0);
}

/** What does not fit among the storage of a spec, and with what its machines have. */
export function storageFaults({ classes, volumes }: Storage, machines: { readonly iscsi?: boolean | undefined } | undefined): Fault[] {
  const above = 'is given above already';
  return [
    ...classes.flatMap(({ name, server, addresses }, index): Fault[] => [
      ...(takenClasses.includes(name) ? [{ pointer: `/storage/classes/${index}/name`, detail: `"${name}" is a class of the platform` }] : []),
      ...(addresses === undefined && !ipv4Schema.safeParse(server).success
        ? [{ pointer: `/storage/classes/${index}/addresses`, detail: 'is required where the server is a name: machines are let out to addresses' }] : []),
    ]),
    ...repeated(classes.map(({ name }) => name)).map((index) => ({ pointer: `/storage/classes/${index}/name`, detail: above })),
    ...repeated(volumes.map(({ name }) => name)).map((index) => ({ pointer: `/storage/volumes/${index}/name`, detail: above })),
    ...repeated(volumes.map(({ portal, iqn, lun }) => `${portal} ${iqn} ${lun}`))
      .map((index) => ({ pointer: `/storage/volumes/${index}/lun`, detail: 'is a volume above already: two file systems on one unit destroy each other' })),
    ...(volumes.length > 0 && machines && machines.iscsi !== true
      ? [{ pointer: '/storage/volumes', detail: 'needs "iscsi" in /machines, which gives machines what attaches them, and is chosen when the cluster is made' }] : []),
  ];
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
