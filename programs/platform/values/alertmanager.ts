import type { AlertKind, Receiver } from '../../../model/alerting.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { storedSecret } from './stored-secret.js';

/** Where Alertmanager reads what lets it in with a receiver. */
const folder = '/etc/alertmanager/receivers';
const file = 'value';
/** The Secret in `monitoring` that a secret of the store is brought into. */
const secretOf = (secret: string): string => `alertmanager-receiver-${secret}`;
const namespace = 'monitoring';

/** Names of the store's secrets that receivers of the spec use, each once. */
function used({ alerting }: ClusterSpec): string[] {
  return [...new Set(alerting.receivers.map(({ secret }) => secret))];
}

/** Alertmanager's configuration: each receiver has what it asked for, and nobody the rest. Undefined without receivers: the chart's own sends nothing anywhere. */
export function alertmanagerConfig({ alerting: { receivers } }: ClusterSpec): Record<string, unknown> | undefined {
  if (receivers.length === 0) return undefined;
  return {
    route: {
      receiver: 'nobody', group_by: ['namespace', 'alertname'], group_wait: '30s', group_interval: '5m', repeat_interval: '12h',
      routes: receivers.flatMap(({ name, receives }) => routes(name, receives)),
    },
    // What is said more urgently of the same is not said again. `InfoInhibitor` fires while nothing but information does.
    inhibit_rules: [
      { source_matchers: ['severity="critical"'], target_matchers: ['severity=~"warning|info"'], equal: ['namespace', 'alertname'] },
      { source_matchers: ['severity="warning"'], target_matchers: ['severity="info"'], equal: ['namespace', 'alertname'] },
      { source_matchers: ['alertname="InfoInhibitor"'], target_matchers: ['severity="info"'], equal: ['namespace'] },
    ],
    receivers: [{ name: 'nobody' }, ...receivers.map(receiver)],
  };
}

/** One route for the alerts by severity, one for the heartbeat, which is sent again and again. */
function routes(receiver: string, receives: readonly AlertKind[]): Record<string, unknown>[] {
  const severities = receives.filter((kind) => kind !== 'heartbeat');
  return [
    ...(receives.includes('heartbeat') ? [{ receiver, matchers: ['alertname="Watchdog"'], group_wait: '0s', group_interval: '1m', repeat_interval: '1m', continue: true }] : []),
    ...(severities.length > 0 ? [{ receiver, matchers: [`severity=~"${severities.join('|')}"`, 'alertname!="InfoInhibitor"'], continue: true }] : []),
  ];
}

/** A receiver as Alertmanager has it; what is secret it reads from a file as it sends. */
function receiver(given: Receiver): Record<string, unknown> {
  const { name, secret } = given;
  const path = `${folder}/${secret}/${file}`;
  switch (given.kind) {
    case 'webhook': return { name, webhook_configs: [{ url_file: path, send_resolved: true }] };
    case 'pagerduty': return { name, pagerduty_configs: [{ routing_key_file: path, send_resolved: true }] };
    case 'slack': return {
      name,
      slack_configs: [{
        api_url_file: path, channel: given.channel, send_resolved: true,
        title: '[{{ .Status }}] {{ .CommonLabels.alertname }} in {{ .CommonLabels.cluster }}',
        text: '{{ range .Alerts }}{{ .Annotations.summary }} {{ .Annotations.description }} {{ .Annotations.runbook }}\n{{ end }}',
      }],
    };
    case 'email': return {
      name,
      email_configs: [{
        to: given.to.join(', '), from: given.from, smarthost: `${given.smarthost.host}:${given.smarthost.port}`, auth_username: given.username, auth_password_file: path, require_tls: true, send_resolved: true,
        headers: { Subject: '[{{ .Status }}] {{ .CommonLabels.alertname }} in {{ .CommonLabels.cluster }}' },
      }],
    };
  }
}

/**
 * What brings each secret of the store into the namespace of Alertmanager: one object for each, so that one that is missing holds up no other. They are part of the release that
 * brings the store.
 */
export function receiverSecrets(spec: ClusterSpec): Record<string, unknown>[] {
  return used(spec).map((secret) => storedSecret(spec, { namespace, name: secretOf(secret), values: { [file]: secret } }));
}

/** The volumes of Alertmanager's pods with these secrets. They start without one that is not there: to tell some is better than to tell nobody. */
export function receiverVolumes(spec: ClusterSpec): Record<string, unknown> {
  const secrets = used(spec);
  if (secrets.length === 0) return {};
  return {
    volumes: secrets.map((secret) => ({ name: secretOf(secret), secret: { secretName: secretOf(secret), optional: true } })),
    volumeMounts: secrets.map((secret) => ({ name: secretOf(secret), mountPath: `${folder}/${secret}`, readOnly: true })),
  };
}
