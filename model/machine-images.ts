import { z } from 'zod';

const time = z.iso.datetime();

/** What machines are made from. */
export const machineImageSchema = z.strictObject({
  /** AWS: an AMI's id, Azure: the version of Canonical's image. */
  id: z.string(),
  /** Null where the cloud does not tell, as of an image that it has no more. */
  publishedAt: time.nullable(),
});
export type MachineImage = z.infer<typeof machineImageSchema>;

/** A machine of a cluster that is one of its nodes. */
export const imagedMachineSchema = z.strictObject({
  node: z.string(),
  /** Null where the cloud does not tell. */
  image: machineImageSchema.nullable(),
  /** Of its kubelet, without the `v`. */
  kubernetesRelease: z.string(),
  /** Whether a machine that is made now would be made from another image, or with another release of Kubernetes. */
  behind: z.boolean(),
});

/** What the machines of a cluster were made from, against what they would be made from now. */
export const machineImagesReportSchema = z.strictObject({
  kind: z.literal('machine-images'),
  at: time,
  current: machineImageSchema,
  /** Of machines that are made now. */
  kubernetesRelease: z.string(),
  machines: z.array(imagedMachineSchema),
});
export type MachineImagesReport = z.infer<typeof machineImagesReportSchema>;

/** How old what a cluster's machines are made from is, in one sentence. Pure. */
export function toldImages({ current, kubernetesRelease, machines }: Pick<MachineImagesReport, 'current' | 'kubernetesRelease' | 'machines'>): string {
  const behind = machines.filter((machine) => machine.behind);
  const now = `image ${current.id}${dayOf(current)} and Kubernetes ${kubernetesRelease}`;
  if (behind.length === 0) return `All ${machines.length} machines are of ${now}.`;
  const [oldest] = behind.flatMap(({ image }) => image?.publishedAt ?? []).sort();
  return `${behind.length} of ${machines.length} machines ${behind.length === 1 ? 'is' : 'are'} not of ${now}${oldest === undefined ? '' : `; the oldest image is of ${oldest.slice(0, 10)}`}.`;
}

function dayOf({ publishedAt }: MachineImage): string {
  return publishedAt === null ? '' : ` of ${publishedAt.slice(0, 10)}`;
}
