import { defaultStorageClass } from '../storage-classes.js';
import { highlyAvailable, type ValuesInput } from './context.js';
import { openSearchCertificates } from './opensearch-certificates.js';
import { openSearchSettings } from './opensearch-settings.js';

/** OpenSearch: replicas, storage class, and what the chart has not: certificates, and the settings that are brought into it when it runs. */
export function openSearch({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return {
    replicas: available ? 3 : 1,
    singleNode: !available,
    persistence: { storageClass: defaultStorageClass[spec.provider] },
    extraObjects: [...openSearchCertificates, ...openSearchSettings(spec)],
  };
}
