import { z } from 'zod';
import type { Provider } from '../../../model/spec.js';
import { managedLabels } from '../../../programs/platform/names.js';
import { defaultStorageClass } from '../../../programs/platform/storage-classes.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import type { KubernetesClient } from '../../kubernetes/client.js';

const [mark, plugin] = ['velero.io/plugin-config', 'velero.io/change-storage-class'] as const;
const name = 'clusterwright-storage-classes';
const itemSchema = z.object({ metadata: z.object({ name: z.string() }) });

/**
 * Has Velero give claims that come from the other cloud the class that stands for theirs. Velero takes one such list of classes and fails with two: where somebody has made one, that is left to do it.
 * https://velero.io/docs/v1.18/restore-reference/#changing-pvpvc-storage-classes
 */
export async function mapStorageClasses(client: KubernetesClient, from: Provider, to: Provider): Promise<void> {
  const { namespace } = addonServiceAccounts[to].velero;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const there = await client.objects(path, itemSchema, { labelSelector: `${mark},${plugin}=RestoreItemAction` });
  if (there?.some(({ metadata }) => metadata.name !== name) === true) return;
  await client.apply(`${path}/${name}`, {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { ...managedLabels, [mark]: '', [plugin]: 'RestoreItemAction' } }, data: { [defaultStorageClass[from]]: defaultStorageClass[to] },
  });
}
