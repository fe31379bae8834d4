import { z } from 'zod';

const port = z.int().min(1).max(65_535);
const target = z.strictObject({ address: z.ipv4(), port });

/** Connections to an address of the network that are taken out of it, to a socket of the sandbox. */
const exit = z.strictObject({ address: z.ipv4(), port, socket: z.string().min(1) });

/** How targets are checked: an answer 200 to this path, over TLS unless it says otherwise, or a mere connection for `tcp`. */
const check = z.strictObject({
  protocol: z.enum(['https', 'http', 'tcp']).optional(),
  path: z.string().startsWith('/'),
  port,
  /** The address that checks come from, unless the load balancer's own. */
  from: z.ipv4().optional(),
  /** That of the cloud's health checks, in seconds; 0 in a sandbox that never waits. */
  intervalSeconds: z.number().nonnegative(),
  /** Checks in a row that change what is thought of a target. */
  healthy: z.int().min(1),
  unhealthy: z.int().min(1),
});

/** A load balancer of the network. */
const balancer = z.strictObject({
  address: z.ipv4(),
  port,
  targets: z.array(target),
  /** It hands packets through, as Azure's does, instead of ending connections and making its own: see `Balancer`. */
  passThrough: z.boolean().optional(),
  /** What tells that a target works; without it all count as working. */
  check: check.optional(),
});

/** Everything that a gate does, in one piece: each line on its stdin replaces the one before. */
export const gateSettingsSchema = z.strictObject({
  exits: z.array(exit),
  balancers: z.array(balancer),
  /** Where names are asked for. */
  nameServers: z.array(z.ipv4()),
  /** Addresses by name. A name that begins with a dot stands for all below it. */
  names: z.record(z.string(), z.array(z.ipv4())),
});

/** See {@link gateSettingsSchema}. */
export type GateSettings = z.infer<typeof gateSettingsSchema>;
export type ExitSettings = z.infer<typeof exit>;
export type BalancerSettings = z.infer<typeof balancer>;
