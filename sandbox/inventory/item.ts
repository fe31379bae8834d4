import type { PropertyMap } from '../protocol/values.js';

/** Names an item; ids alone are not unique, as a role and its instance profile may share a name. */
export interface ItemRef {
  readonly type: string;
  readonly id: string;
}

/** A resource that exists in the sandbox, whoever created it. */
export interface Item extends ItemRef {
  /** Pulumi type token, for example `aws:ec2/vpc:Vpc`. */
  readonly type: string;
  /** The provider's id of it. */
  readonly id: string;
  /** From the tag `clusterwright:cluster`, or inherited; null when it belongs to no cluster. */
  readonly cluster: string | null;
  /** From the tag `clusterwright:uid`, or inherited. */
  readonly uid: string | null;
  /** From the tag `clusterwright:resource`, or inherited: which part of the cluster it is. */
  readonly resource: string | null;
  readonly parent: ItemRef | null;
  /** Cloud region, or null for what is global. */
  readonly region: string | null;
  readonly inputs: PropertyMap;
  /** Inputs with defaults and everything that the cloud computes. */
  readonly outputs: PropertyMap;
  /** Sandbox time in milliseconds since the epoch. */
  readonly createdAt: number;
  /** From when on it is usable; before, a real cloud would call it pending. */
  readonly readyAt: number;
  /** A machine that is switched off, where its properties do not tell: those of Azure are the same then. */
  readonly switchedOff?: boolean;
}

/** What a cloud keeps after a deletion, and until when (milliseconds), or null for as long as it likes. */
export interface Kept {
  readonly id: string;
  readonly type: string;
  readonly cluster: string | null;
  /** `pending-deletion`, `reserved-name` or `versions`. */
  readonly reason: 'pending-deletion' | 'reserved-name' | 'versions';
  readonly until: number | null;
}

/** The key of an item in tables and maps. */
export function itemKey(ref: ItemRef): string {
  return `${ref.type}|${ref.id}`;
}
