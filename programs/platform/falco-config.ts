import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonNamespace } from '../../model/platform.js';
import type { AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/**
 * The configuration of Falco's downloader, which is off. Chart 9.1.0 leaves the ConfigMap out then, but not the volume of its pods that holds it, and no pod would start: `falcoctl-config-volume` in
 * https://github.com/falcosecurity/charts/blob/falco-9.1.0/charts/falco/templates/pod-template.tpl
 */
export function falcoConfigs({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<AddonNamespace, Namespace>): Map<AddonName, pulumi.Resource> {
  if (spec.platform.runtimeSecurity === 'none') return new Map();
  const metadata = { name: 'falco-falcoctl', namespace: namespaces.get('falco')?.metadata.name ?? 'falco', labels: managedLabels };
  return new Map([['falco', new ConfigMap('falco-downloader', { metadata, data: { 'falcoctl.yaml': '' } }, options)]]);
}
