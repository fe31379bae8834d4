import type { Server } from 'node:http';
import type { Item } from '../inventory/item.js';
import type { Policy } from './firewall.js';
import type { BalancerSettings } from './gate/settings.js';

/** A machine of a cloud as a host of this machine. */
export interface HostMachine {
  readonly id: string;
  /** Name of the cluster that it was made for. */
  readonly cluster: string | null;
  /** Its name on the network. */
  readonly name: string;
  /** Its name as a node of Kubernetes. */
  readonly node: string;
  readonly network: string;
  readonly address: string;
  /** CIDR of its subnet. */
  readonly subnet: string;
  /** Since when it runs, in sandbox time; null: it is switched off. */
  readonly runningSince: number | null;
  readonly userData: Buffer;
  /** Disks that are attached beside its own, and under what name the machine sees them. */
  readonly disks: readonly { readonly name: string; readonly id: string; readonly sizeGiB: number }[];
}

/** A load balancer, and where on loopback the worker finds it. */
export interface HostBalancer extends BalancerSettings {
  readonly outside: string;
}

/** What a virtual network is beside its machines. */
export interface HostNetwork {
  readonly cidr: string;
  /** From where the service's worker comes, which is in a network beside this one. */
  readonly worker: string;
  readonly policies: readonly Policy[];
  readonly balancers: readonly HostBalancer[];
  /** Where its machines ask for names. */
  readonly nameServer: string;
  /** Addresses by name in its private zones and of its machines. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Addresses in it at which the cloud's services are found as well: private endpoints. */
  readonly endpoints: readonly string[];
  /** Names of the cloud's services that lead to its data planes; with a dot in front, all below. */
  readonly services: readonly string[];
}

/** What real hosts need of the cloud that their machines are in. One implementation for each cloud, beside its emulation. */
export interface HostCloud {
  /** Types of machines. */
  readonly machineTypes: ReadonlySet<string>;
  /** Types of disks that machines can be given. */
  readonly diskTypes: ReadonlySet<string>;
  machine(item: Item): HostMachine | undefined;
  network(id: string): HostNetwork | undefined;
  /** The metadata service as the machine sees it. */
  metadata(machine: string): Server;
  /** Answers requests to the cloud's services by their own names. */
  readonly services: Server;
  /** Lines of nftables about the metadata service's packets. */
  readonly metadataFilter: string;
  /** Files of the image by path that only this cloud's machines have. */
  readonly files: Readonly<Record<string, string>>;
}

/** Where machines of all clouds find the metadata service. */
export const metadataAddress = '169.254.169.254';
