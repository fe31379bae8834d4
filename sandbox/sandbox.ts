import path from 'node:path';
import { Clock } from './clock.js';
import { Drift } from './drift.js';
import { Faults } from './faults.js';
import { Inventory } from './inventory/inventory.js';
import { Journal } from './inventory/journal.js';
import { Latency } from './latency.js';
import { LoopbackAddresses } from './loopback-addresses.js';
import type { EmulatedProvider } from './protocol/index.js';
import { Requests } from './requests.js';
import { UbuntuImages } from './ubuntu-images.js';

/** What all parts of the sandbox share. */
export interface Sandbox {
  /** The service's home, where `sandbox.json` and `sandbox/` lie. */
  readonly home: string;
  /** For a part's own persistent tables: `journal.table('name')`. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly latency: Latency;
  readonly faults: Faults;
  readonly inventory: Inventory;
  readonly requests: Requests;
  readonly drift: Drift;
  /** Of load balancers, of whichever cloud. */
  readonly addresses: LoopbackAddresses;
  /** What machines of whichever cloud are made from. */
  readonly ubuntu: UbuntuImages;
}

/** A part that runs: an emulated provider, and the endpoint of its data planes if it has them. */
export interface Part {
  readonly provider: EmulatedProvider;
  /** Base URL of the data planes on loopback. */
  readonly endpoint?: string;
  /** What leads the vendor's clients there. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Opens the state under `<home>/sandbox/`. @param latencyFactor see `Latency`. */
export async function openSandbox(home: string, latencyFactor: number): Promise<Sandbox> {
  const journal = await Journal.open(path.join(home, 'sandbox', 'journal.jsonl'));
  const clock = new Clock(journal);
  const latency = new Latency(latencyFactor);
  const faults = new Faults();
  const inventory = new Inventory(journal, clock);
  return {
    home,
    journal,
    clock,
    latency,
    faults,
    inventory,
    requests: new Requests(faults, clock, latency),
    drift: new Drift(inventory),
    addresses: new LoopbackAddresses(journal),
    ubuntu: new UbuntuImages(journal, clock),
  };
}
