import type pino from 'pino';
import type { Accounts } from '../model/accounts.js';
import type { Catalogue } from '../model/template.js';
import type { Tenancy } from '../model/tenancy.js';
import type { AllowedTargets } from '../model/webhook-targets.js';
import type { OutboxRelay } from '../store/outbox.js';
import type { Store } from '../store/store.js';
import type { SignIn } from './auth/sign-in.js';

/** What a check of readiness found; `unknown` is no failure: nobody has looked yet. */
export type CheckResult = 'ok' | 'failed' | 'unknown';

/** Bounds that keep one caller from taking the service from the others. */
export interface Limits {
  /** Largest request body, in bytes. */
  readonly bodyBytes: number;
  /** Requests a minute and caller that ask for a change; reads are not counted. */
  readonly writesPerMinute: number;
  /** Pause between two heartbeats of an event stream, in milliseconds. */
  readonly heartbeatMs: number;
  /** Longest time that one check of `/readyz` may take, in milliseconds. */
  readonly checkMs: number;
}

export const defaultLimits: Limits = { bodyBytes: 262_144, writesPerMinute: 6000, heartbeatMs: 15_000, checkMs: 1500 };

/** Where the audit trail goes beside the store. */
export interface AuditLog {
  /** Writes one line of JSON. */
  write(line: string): void;
  /** How long the store keeps the trail. */
  readonly keepDays: number;
}

/** The console: a folder of built files, and what its pages have to know. */
export interface Console {
  /** Folder with `index.html` and the files that it names. */
  readonly folder: string;
  readonly settings: ConsoleSettings;
}

/** What the console has to know of the service before anybody has signed in. No secret is in it. */
export interface ConsoleSettings {
  readonly version: string;
  readonly simulated: boolean;
  /** `unavailable`: callers need a token, and nobody has said with which registration the console gets one. */
  readonly signIn:
    | { readonly kind: 'none' | 'unavailable' }
    | { readonly kind: 'entra'; readonly authority: string; readonly issuer: string; readonly tenantId: string; readonly clientId: string; readonly scope: string };
}

/** What the API needs of the rest of the service. */
export interface ApiDependencies {
  readonly store: Store;
  /** Nudged after each write; what it misses, its own sweep repeats. */
  readonly relay: Pick<OutboxRelay, 'nudge'>;
  readonly catalogue: Catalogue;
  readonly accounts: Accounts;
  /** Targets that webhooks may have beside public ones; none without it. */
  readonly allowedTargets?: AllowedTargets;
  /** Whether clusters of this installation are the sandbox's. */
  readonly simulated: boolean;
  /** Tells who sends a request; without it nobody signs in and everybody may do everything. */
  readonly signIn?: SignIn;
  /** Who may have how much; without it nobody is bounded. */
  readonly tenancy?: Tenancy;
  /** Where the audit trail goes beside the store; nowhere without it. */
  readonly audit?: AuditLog;
  /** Addresses and networks of proxies in front. */
  readonly trustedProxies?: readonly string[];
  /** The pages for people; without them `/` is not found. */
  readonly console?: Console;
  readonly log: pino.Logger;
  /** Whether the state backend answers. */
  backendCheck(): Promise<CheckResult>;
  /** Jobs that wait in the queue. Rejects when the queue cannot be reached. */
  queueDepth(): Promise<number>;
  readonly limits?: Partial<Limits>;
}
