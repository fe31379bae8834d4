import { z } from 'zod';
import { dnsLabelSchema, domainSchema } from './fields.js';

/** What a receiver can be sent: alerts by severity, and the heartbeat, an alert that always fires, so that its absence tells that no other would arrive. */
export const alertKinds = ['critical', 'warning', 'info', 'heartbeat'] as const;
export type AlertKind = (typeof alertKinds)[number];

const common = {
  name: dnsLabelSchema(40).describe('What Alertmanager calls it'),
  receives: z.array(z.enum(alertKinds)).min(1).max(alertKinds.length).default(['critical', 'warning']).describe('Which alerts it is sent; "heartbeat" is the one that always fires'),
};

/** Ports on which mail servers take messages of clients that sign in: 587 with STARTTLS, 465 with TLS from the first byte. The clouds keep 25 closed, and it is for servers among themselves. */
export const mailPorts = [465, 587] as const;
export type MailPort = (typeof mailPorts)[number];

/** An address alone, without a person's name. */
const mailAddress = z.email().max(200);

/** A name in the secret store of the cloud, without what stands before all names of the namespace `monitoring`. */
const secretName = (holds: string) => dnsLabelSchema(40).describe(`Name of the secret in the cloud's secret store that holds ${holds}`);

/** Somebody who is told of alerts. What lets the cluster in with them lies in the cloud's secret store and is never part of a spec. */
export const receiverSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...common, secret: secretName('the URL to send to, over https at port 443') }),
  z.strictObject({ kind: z.literal('slack'), ...common, secret: secretName('the URL of an incoming webhook of Slack'), channel: z.string().regex(/^[#@][^\s]{1,79}$/, 'must be a channel such as "#alerts"') }),
  z.strictObject({ kind: z.literal('pagerduty'), ...common, secret: secretName('the routing key of a service of PagerDuty, Events API v2') }),
  z.strictObject({
    kind: z.literal('email'), ...common,
    to: z.array(mailAddress).min(1).max(20).describe('Who gets the message'),
    from: mailAddress.describe('Whom the message comes from: an address that the mail server lets this user send for'),
    smarthost: z.strictObject({
      host: domainSchema, port: z.literal(mailPorts).default(587).describe('587, where TLS begins with STARTTLS, or 465, where it is there from the start'),
    }).describe('The mail server, which must take TLS; machines and Alertmanager are let out to its port'),
    username: z.string().min(1).max(200).describe('Whom Alertmanager signs in as'),
    secret: secretName('the password of that user'),
  }),
]);
export type Receiver = z.infer<typeof receiverSchema>;

/** Who is told of alerts. */
export const alertingSchema = z.strictObject({ receivers: z.array(receiverSchema).max(20).default([]).describe('Who is told of alerts; without any they stay in Alertmanager') });
export type Alerting = z.infer<typeof alertingSchema>;

/** The ports of mail servers that a cluster has to reach for its alerts, each once. */
export function mailPortsOf({ receivers }: Alerting): MailPort[] {
  return mailPorts.filter((port) => receivers.some((receiver) => receiver.kind === 'email' && receiver.smarthost.port === port));
}
