import { readFileSync } from 'node:fs';
import { mergePatch, type Json } from '../../../model/merge-patch.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { bindingsOf } from '../access.js';
import { highlyAvailable } from './context.js';
import type { CertificateOwner } from './opensearch-certificates.js';

/** OpenSearch's own image, whose tools bring the settings; the version is that of the pinned chart's OpenSearch. */
const image = 'docker.io/opensearchproject/opensearch:3.6.0';
const administrator: CertificateOwner = 'opensearch-administrator';
const shipper: CertificateOwner = 'fluent-bit';
const name = 'opensearch-settings';
const folders = { settings: '/settings', certificate: '/certificate' } as const;

const read = (file: string): string => readFileSync(new URL(`../../../templates/opensearch/${file}`, import.meta.url), 'utf8');
const text = (content: unknown): string => JSON.stringify(content, null, 2);
const securityFile = (type: string, content: Record<string, unknown> = {}): string => text({ _meta: { type, config_version: 2 }, ...content });

/** Indices of logs, which the shipper's configuration begins with the same. */
const indices = ['logs-*'];

/** Who signs in: the shipper by its certificate, people by the token of Entra ID that they have for the API server. There are no passwords, and nobody is let in without either. */
function signIn({ access: { entra: { tenantId, clientId } } }: ClusterSpec): Record<string, unknown> {
  const noop = { authentication_backend: { type: 'noop' } };
  const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
  return {
    config: {
      dynamic: {
        http: { anonymous_auth_enabled: false, xff: { enabled: false } },
        authc: {
          certificate: { http_enabled: true, order: 0, http_authenticator: { type: 'clientcert', challenge: false, config: { username_attribute: 'cn' } }, ...noop },
          entra: {
            http_enabled: true,
            order: 1,
            http_authenticator: {
              type: 'openid',
              challenge: false,
              config: { openid_connect_url: `${issuer}/.well-known/openid-configuration`, required_issuer: issuer, required_audience: clientId, subject_key: 'oid', roles_key: 'groups' },
            },
            ...noop,
          },
        },
      },
    },
  };
}

/** What may be done: the shipper adds lines and makes the index of the day; readers read. Neither changes or deletes what is there. */
const roles = {
  shipper: {
    cluster_permissions: ['indices:data/write/bulk'],
    index_permissions: [{ index_patterns: indices, allowed_actions: ['indices:data/write/bulk*', 'indices:data/write/index', 'indices:admin/create'] }],
  },
  reader: {
    cluster_permissions: ['cluster_composite_ops_ro', 'cluster:monitor/health', 'cluster:monitor/main'],
    index_permissions: [{ index_patterns: indices, allowed_actions: ['read', 'indices:monitor/stats', 'indices:monitor/settings/get', 'indices:admin/get'] }],
  },
};

/** Groups whose roles hold in the whole cluster: they read the logs of every namespace, and the audit log. Others read none. */
function readers(spec: ClusterSpec): string[] {
  return [...new Set(bindingsOf(spec).filter(({ role }) => role === 'admin' || role === 'operator').map(({ groupId }) => groupId))].sort();
}

/** An index is deleted when it is as old as the spec says. */
function retention({ compliance }: ClusterSpec): Record<string, unknown> {
  return {
    policy: {
      description: 'Logs are kept as long as the cluster\'s spec says',
      default_state: 'kept',
      states: [
        { name: 'kept', actions: [], transitions: [{ state_name: 'deleted', conditions: { min_index_age: `${compliance.logRetentionDays}d` } }] },
        { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: indices, priority: 100 }],
    },
  };
}

/**
 * The settings that OpenSearch keeps in itself, and the job that brings them, which the chart has no values for: a hook after each installation and upgrade. A release whose hook fails is
 * taken back.
 */
export function openSearchSettings(spec: ClusterSpec): Record<string, unknown>[] {
  const template = mergePatch(JSON.parse(read('index-template.json')) as Json, { template: { settings: { number_of_replicas: highlyAvailable(spec) ? 1 : 0 } } });
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: {
        'apply.sh': read('apply.sh'),
        'config.yml': securityFile('config', signIn(spec)),
        'roles.yml': securityFile('roles', roles),
        'roles_mapping.yml': securityFile('rolesmapping', { shipper: { users: [shipper] }, reader: { backend_roles: readers(spec) } }),
        'internal_users.yml': securityFile('internalusers'),
        'action_groups.yml': securityFile('actiongroups'),
        'tenants.yml': securityFile('tenants'),
        'index-template.json': text(template),
        'retention.json': text(retention(spec)),
      },
    },
    job,
  ];
}

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name,
    // A failed one stays for its log until the next try.
    annotations: { 'helm.sh/hook': 'post-install,post-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
  },
  spec: {
    // With the pauses between them they end before Helm's wait does.
    backoffLimit: 4,
    template: {
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [{
          name: 'apply',
          image,
          command: ['/bin/bash', `${folders.settings}/apply.sh`],
          env: [{ name: 'OPENSEARCH', value: 'opensearch' }, { name: 'SETTINGS', value: folders.settings }, { name: 'CERTIFICATE', value: folders.certificate }, { name: 'JAVA_HOME', value: '/usr/share/opensearch/jdk' }],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
          volumeMounts: [
            { name: 'settings', mountPath: folders.settings, readOnly: true }, { name: 'certificate', mountPath: folders.certificate, readOnly: true },
            // Java's own scratch.
            { name: 'tmp', mountPath: '/tmp' },
          ],
        }],
        volumes: [{ name: 'settings', configMap: { name } }, { name: 'certificate', secret: { secretName: administrator } }, { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
      },
    },
  },
};
