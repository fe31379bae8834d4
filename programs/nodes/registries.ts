import type { NodeFile } from './templates.js';

/** Registries whose images come from another host than their name. */
const upstreams: Readonly<Record<string, string>> = { 'docker.io': 'https://registry-1.docker.io' };

/**
 * Where containerd looks for images of a registry before it asks the registry itself: all images of a cluster, the add-ons' among them, go by these files.
 * A mirror's URL may have a path, `https://registry.example.com/v2/mirror`; it is then taken as it is.
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md
 */
export function registryFiles(mirrors: Readonly<Record<string, string>>): NodeFile[] {
  return Object.entries(mirrors).map(([registry, mirror]) => ({
    path: `/etc/containerd/certs.d/${registry}/hosts.toml`,
    mode: '0644',
    content: [
      `server = ${JSON.stringify(upstreams[registry] ?? `https://${registry}`)}`,
      '',
      `[host.${JSON.stringify(mirror)}]`,
      '  capabilities = ["pull", "resolve"]',
      ...(new URL(mirror).pathname === '/' ? [] : ['  override_path = true']),
      '',
    ].join('\n'),
  }));
}
