import { z } from 'zod';
import { dnsLabelSchema } from './fields.js';

/** What a receiver can be sent: alerts by severity, and the heartbeat, an alert that always fires, so that its absence tells that no other would arrive. */
export const alertKinds = ['critical', 'warning', 'info', 'heartbeat'] as const;
export type AlertKind = (typeof alertKinds)[number];

const common = {
  name: dnsLabelSchema(40).describe('What Alertmanager calls it'),
  receives: z.array(z.enum(alertKinds)).min(1).max(alertKinds.length).default(['critical', 'warning']).describe('Which alerts it is sent; "heartbeat" is the one that always fires'),
};

/** A name in the secret store of the cloud, without what stands before all names of the namespace `monitoring`. */
const secretName = (holds: string) => dnsLabelSchema(40).describe(`Name of the secret in the cloud's secret store that holds ${holds}`);

/** Somebody who is told of alerts. What lets the cluster in with them lies in the cloud's secret store and is never part of a spec. */
export const receiverSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...common, secret: secretName('the URL to send to, over https at port 443') }),
  z.strictObject({ kind: z.literal('slack'), ...common, secret: secretName('the URL of an incoming webhook of Slack'), channel: z.string().regex(/^[#@][^\s]{1,79}$/, 'must be a channel such as "#alerts"') }),
  z.strictObject({ kind: z.literal('pagerduty'), ...common, secret: secretName('the routing key of a service of PagerDuty, Events API v2') }),
]);
export type Receiver = z.infer<typeof receiverSchema>;

/** Who is told of alerts. */
export const alertingSchema = z.strictObject({ receivers: z.array(receiverSchema).max(20).default([]).describe('Who is told of alerts; without any they stay in Alertmanager') });
