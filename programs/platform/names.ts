/** Labels of everything that the platform program declares. */
export const managedLabels = { 'app.kubernetes.io/managed-by': 'clusterwright' } as const;
