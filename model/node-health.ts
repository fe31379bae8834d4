import { z } from 'zod';

/** When the service replaces machines that are not well by itself, and where it stops. */
export const nodeHealthSchema = z.strictObject({
  replace: z.boolean().default(false).describe('Whether the service replaces machines that are not well by itself'),
  unhealthyAfterSeconds: z.int().min(30).max(86_400).default(300).describe('How long a node may be not Ready before its machine is replaced. A machine that the cloud does not have any more, or has stopped, is not waited for'),
  maxUnhealthyPercent: z.int().min(1).max(100).default(40).describe('Share of a pool\'s machines beyond which none is replaced; one machine of a pool is always within it. Of control planes only one at a time is replaced, whatever this says'),
  maxPerHour: z.int().min(1).max(20).default(3).describe('How many such repairs the service begins within an hour'),
});

/** Why a machine is not well: the cloud does not have it, it does not run, its node is not Ready, or it has no node any more. */
export const unhealthyReasons = ['gone', 'stopped', 'not-ready', 'no-node'] as const;

/** A machine that a repair is to replace. */
export const unhealthyMachineSchema = z.strictObject({
  /** What the program made it as: `cp-2`, or `pool-NAME` for one of that pool's. */
  part: z.string(),
  /** The cloud's id; null where it is gone. */
  machine: z.string().nullable(),
  /** Name of its node, where it is known. */
  node: z.string().nullable(),
  reason: z.enum(unhealthyReasons),
  /** How many machines the pool is to have again; null for a control plane. */
  hold: z.int().nullable(),
});
export type UnhealthyMachine = z.infer<typeof unhealthyMachineSchema>;

/** Why nothing is replaced: more than the limits allow is not well, a control plane would not leave a majority, or there were too many repairs. */
export const stopReasons = ['TooManyUnhealthy', 'NoQuorum', 'TooManyRepairs'] as const;
export type StopReason = (typeof stopReasons)[number];
