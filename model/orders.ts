import { z } from 'zod';

/** Keys of what the service orders of a control plane, and of that one's answer, in the cluster's private store. */
export const orderPrefix = 'rendezvous/orders/';
export const orderAnswerPrefix = 'rendezvous/answers/';
export const orderKey = (node: string): string => `${orderPrefix}${node}.json`;
export const orderAnswerKey = (node: string): string => `${orderAnswerPrefix}${node}.json`;

/** What a control plane can be ordered to do: each is a script in `/opt/clusterwright/orders/` of the node. */
export const orderTasks = ['etcd-snapshot', 'etcd-restore', 'etcd-member-remove', 'cluster-dns', 'inspect', 'restore-files', 'renew-certificates', 'encryption-key', 'restore-drill', 'authorities', 'service-account-key', 'upgrade-in-place'] as const;
/** What a control plane says of an order that it has no script for: its machine is of an older version of the service. */
export const unknownOrder = 'knows no such order';
export type OrderTask = (typeof orderTasks)[number];

/**
 * One thing that one control plane is to do now. A node does the newest order only, and each once: an order is known by its id. One that is cut off, by a reboot for
 * instance, is begun again, so every script can be. No secret belongs in it.
 */
export const nodeOrderSchema = z.strictObject({ id: z.string(), task: z.enum(orderTasks), arguments: z.array(z.string()) });
export type NodeOrder = z.infer<typeof nodeOrderSchema>;

/** What `inspect` answers: how many files and settings of the kernel it has compared with the node's baseline, and those that differ. Checksums of files, never their contents. */
export const inspectionSchema = z.strictObject({
  checked: z.int().min(1),
  differences: z.array(z.strictObject({
    kind: z.enum(['file', 'setting']),
    name: z.string(),
    /** SHA-256 of a file, or what a setting says; null where there is no such thing. */
    expected: z.string().nullable(),
    seen: z.string().nullable(),
  })),
});
export type Inspection = z.infer<typeof inspectionSchema>;

/** What `restore-files` answers: the names of what it has put right. */
export const restoredFilesSchema = z.array(z.string());

/** Key of what the first new control plane is to begin with where none is left. */
export const restorationKey = 'rendezvous/restoration.json';

/** A cluster that is to come back on new machines. `id` tells one such wish from another: under each it happens once. `from`: id of the backup. */
export const restorationSchema = z.strictObject({ id: z.string(), from: z.string() });
export type Restoration = z.infer<typeof restorationSchema>;

/** The steps of `etcd-restore`, in their order, each on all control planes before the next. */
export const restoreSteps = ['prepare', 'stop', 'start'] as const;
export type RestoreStep = (typeof restoreSteps)[number];

/** Which step of a restore an order is; undefined where it is none. */
export function restoreStep({ task, arguments: [word] }: NodeOrder): RestoreStep | undefined {
  return task === 'etcd-restore' ? restoreSteps.find((step) => step === word) : undefined;
}

/** How an order went. `result` is what the script printed; `message` has the last lines of a failure. */
export const orderAnswerSchema = z.strictObject({
  id: z.string(),
  state: z.enum(['done', 'failed']),
  at: z.iso.datetime(),
  result: z.unknown(),
  message: z.string().nullable(),
});
export type OrderAnswer = z.infer<typeof orderAnswerSchema>;

/** Whether a control plane whose newest order and answer these are may be stopped for a restore, now or as soon as it looks. */
export function leavesStopped(order: NodeOrder, answer: OrderAnswer | undefined): boolean {
  const step = restoreStep(order);
  return step === 'stop' || (step === 'start' && !(answer?.id === order.id && answer.state === 'done'));
}
