import { mirroredRegistries } from './registries.js';
import { monitored, type ValuesInput } from './context.js';

/** Where the chart has Trivy's databases from. */
const databaseRegistry = 'mirror.gcr.io';

/**
 * Trivy: ServiceMonitor, and the spec's mirrors. It pulls images and databases from inside pods, where the nodes' own mirrors do not hold. It finds a registry by the beginning of a whole
 * name, in which Docker Hub is called `index.docker.io`. https://aquasecurity.github.io/trivy-operator/latest/docs/vulnerability-scanning/trivy/
 */
export function trivyOperator({ spec }: ValuesInput): Record<string, unknown> {
  const mirrors = mirroredRegistries(spec);
  const databases = mirrors[databaseRegistry] ?? databaseRegistry;
  return {
    serviceMonitor: { enabled: monitored(spec) },
    trivy: {
      dbRegistry: databases,
      javaDbRegistry: databases,
      // They become keys of a ConfigMap, which have no colon: a registry with a port is asked itself.
      registry: { mirror: Object.fromEntries(Object.entries(mirrors).filter(([registry]) => !registry.includes(':')).map(([registry, mirror]) => [registry === 'docker.io' ? 'index.docker.io' : registry, mirror])) },
    },
  };
}
