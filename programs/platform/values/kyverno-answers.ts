/** Kyverno's own image that asks an address until it answers; the version is that of the pinned chart's Kyverno. */
const image = 'ghcr.io/kyverno/readiness-checker:v1.19.0';

/**
 * A hook of the policies' release, before anything of it is written: it asks Kyverno's Service until it answers. Kyverno's webhook for its own kinds refuses what nobody answers, and Helm's
 * wait for the release before this one ends with pods that are ready, which a moment later the Service leads to. It asks as the chart's own test does, from inside the namespace, and needs no rights.
 */
export const kyvernoAnswers = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'kyverno-answers',
    namespace: 'kyverno',
    // A failed one stays for its log until the next try.
    annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
  },
  spec: {
    // With the pauses between them four tries end before Helm's wait does.
    backoffLimit: 3,
    template: {
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'ask',
            image,
            args: ['check-http', '--service-name=kyverno-svc', '--namespace=kyverno', '--port=443', '--path=health/readiness', '--https', '--timeout=30s'],
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          },
        ],
      },
    },
  },
} as const;
