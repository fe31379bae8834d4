import type { Clock } from '../clock.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Latency } from '../latency.js';
import type { LoopbackAddresses } from '../loopback-addresses.js';
import type { UbuntuImages } from '../ubuntu-images.js';

/** What resource types of every cloud may look at and use; each cloud adds its own. */
export interface CloudState {
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly latency: Latency;
  readonly addresses: LoopbackAddresses;
  readonly ubuntu: UbuntuImages;
}
