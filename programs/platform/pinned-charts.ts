import type { Chart } from './chart.js';

/**
 * Every chart, pinned, in the order of installation. The cloud controller comes first: it runs on the host network and talks to the API server's
 * stable name, so it needs no pod network, and until it has seen the nodes nothing but the network's own agents could run. Azure's chart knows only the service
 * address, which the network's agents serve, so there the two are installed side by side: the agents start, then the cloud controller, then what waits for both.
 */
export const charts: readonly Chart[] = [
  {
    name: 'aws-cloud-controller-manager', chart: 'aws-cloud-controller-manager', version: '0.0.11', repository: 'https://kubernetes.github.io/cloud-provider-aws',
    namespace: 'kube-system', after: [], clouds: ['aws'], early: true, identity: 'cloud-controller-manager', timeoutSeconds: 1800,
  },
  {
    name: 'cloud-provider-azure', chart: 'cloud-provider-azure', version: '1.36.0', repository: 'https://raw.githubusercontent.com/kubernetes-sigs/cloud-provider-azure/master/helm/repo',
    namespace: 'kube-system', after: [], clouds: ['azure'], early: true, identity: 'cloud-controller-manager', timeoutSeconds: 1800,
  },
  {
    // The definitions of the Prometheus operator as a release of their own: whoever brings a monitor or a rule needs them, and Helm would never upgrade those of the operator's chart.
    name: 'prometheus-operator-crds', chart: 'prometheus-operator-crds', version: '31.0.1', repository: 'https://prometheus-community.github.io/helm-charts',
    namespace: 'monitoring', after: [], when: (spec) => spec.platform.monitoring === 'prometheus', early: true, timeoutSeconds: 300,
  },
  {
    name: 'cilium', chart: 'cilium', version: '1.19.6', repository: 'https://helm.cilium.io/',
    namespace: 'kube-system', after: ['aws-cloud-controller-manager', 'prometheus-operator-crds'], when: ({ platform: { cni } }) => cni === 'cilium', early: true, timeoutSeconds: 1800,
  },
  {
    name: 'calico-crds', chart: 'crd.projectcalico.org.v1', version: 'v3.32.1', repository: 'https://docs.tigera.io/calico/charts',
    namespace: 'tigera-operator', after: [], when: ({ platform: { cni } }) => cni === 'calico', early: true, timeoutSeconds: 300,
  },
  {
    // Helm waits for the operator alone, which makes the rest of Calico.
    name: 'tigera-operator', chart: 'tigera-operator', version: 'v3.32.1', repository: 'https://docs.tigera.io/calico/charts',
    namespace: 'tigera-operator', after: ['aws-cloud-controller-manager', 'calico-crds'], when: ({ platform: { cni } }) => cni === 'calico', early: true, timeoutSeconds: 1800,
  },
  {
    // It asks the API server for its node's part of the pod network by the service address, so kube-proxy comes first: see kube-proxy.ts.
    name: 'flannel', chart: 'flannel', version: 'v0.28.9', repository: 'https://flannel-io.github.io/flannel/',
    namespace: 'kube-system', after: ['aws-cloud-controller-manager'], when: ({ platform: { cni } }) => cni === 'flannel', early: true, timeoutSeconds: 1800,
  },
  {
    // kube-proxy and what enforces network policies come before it: see kube-proxy.ts and policy-agent.ts.
    name: 'aws-vpc-cni', chart: 'aws-vpc-cni', version: '1.23.1', repository: 'https://aws.github.io/eks-charts',
    namespace: 'kube-system', after: ['aws-cloud-controller-manager', 'prometheus-operator-crds'], clouds: ['aws'], when: ({ platform: { cni } }) => cni === 'aws-vpc-cni', early: true, identity: 'pod-network', timeoutSeconds: 1800,
  },
  {
    // Before the drivers, which take snapshots where they find the definitions that it brings.
    name: 'snapshot-controller', chart: 'snapshot-controller', version: '5.2.0', repository: 'https://piraeus.io/helm-charts/',
    namespace: 'kube-system', after: [], timeoutSeconds: 300,
  },
  {
    name: 'aws-ebs-csi-driver', chart: 'aws-ebs-csi-driver', version: '2.64.0', repository: 'https://kubernetes-sigs.github.io/aws-ebs-csi-driver',
    namespace: 'kube-system', after: ['snapshot-controller'], clouds: ['aws'], identity: 'disk-csi', timeoutSeconds: 600,
  },
  {
    // 1.35 is the first chart that takes volumes, and so a token, for the controller.
    name: 'azuredisk-csi-driver', chart: 'azuredisk-csi-driver', version: '1.35.0', repository: 'https://kubernetes-sigs.github.io/azuredisk-csi-driver',
    namespace: 'kube-system', after: ['cloud-provider-azure', 'snapshot-controller'], clouds: ['azure'], identity: 'disk-csi', timeoutSeconds: 600,
  },
  {
    name: 'csi-driver-nfs', chart: 'csi-driver-nfs', version: '4.13.4', repository: 'https://raw.githubusercontent.com/kubernetes-csi/csi-driver-nfs/master/charts',
    namespace: 'kube-system', after: [], when: ({ storage }) => storage.classes.some(({ kind }) => kind === 'nfs'), timeoutSeconds: 600,
  },
  {
    name: 'metrics-server', chart: 'metrics-server', version: '3.13.1', repository: 'https://kubernetes-sigs.github.io/metrics-server/',
    namespace: 'kube-system', after: [], timeoutSeconds: 300,
  },
  {
    name: 'cluster-autoscaler', chart: 'cluster-autoscaler', version: '9.59.0', repository: 'https://kubernetes.github.io/autoscaler',
    namespace: 'kube-system', after: [], when: (spec) => spec.platform.nodeScaling === 'cluster-autoscaler', identity: 'cluster-autoscaler', timeoutSeconds: 300,
  },
  {
    // The definitions of the Gateway API as a release of their own: Traefik's chart brings none, and cert-manager looks for them when it starts. The project publishes no chart; this one holds its standard
    // channel and nothing else.
    name: 'gateway-api-crds', chart: 'rke2-gateway-api-crd', version: '1.6.101', repository: 'https://rke2-charts.rancher.io',
    namespace: 'traefik', after: [], when: (spec) => spec.platform.gateway === 'traefik', timeoutSeconds: 300,
  },
  {
    name: 'cert-manager', chart: 'cert-manager', version: 'v1.21.1', repository: 'https://charts.jetstack.io',
    namespace: 'cert-manager', after: ['gateway-api-crds'], when: (spec) => spec.platform.certificates === 'cert-manager', timeoutSeconds: 300,
  },
  {
    // Istio's four charts are of one version, and each comes when what it asks is there.
    name: 'istio-base', chart: 'base', version: '1.30.3', repository: 'https://istio-release.storage.googleapis.com/charts',
    namespace: 'istio-system', after: [], when: (spec) => spec.platform.mesh === 'istio-ambient', timeoutSeconds: 300,
  },
  {
    // It looks for the Gateway API's definitions when it starts.
    name: 'istiod', chart: 'istiod', version: '1.30.3', repository: 'https://istio-release.storage.googleapis.com/charts',
    namespace: 'istio-system', after: ['prometheus-operator-crds', 'gateway-api-crds', 'istio-base'], when: (spec) => spec.platform.mesh === 'istio-ambient', timeoutSeconds: 600,
  },
  {
    name: 'istio-cni', chart: 'cni', version: '1.30.3', repository: 'https://istio-release.storage.googleapis.com/charts',
    namespace: 'istio-system', after: ['istiod'], when: (spec) => spec.platform.mesh === 'istio-ambient', timeoutSeconds: 600,
  },
  {
    name: 'ztunnel', chart: 'ztunnel', version: '1.30.3', repository: 'https://istio-release.storage.googleapis.com/charts',
    namespace: 'istio-system', after: ['istiod', 'istio-cni'], when: (spec) => spec.platform.mesh === 'istio-ambient', timeoutSeconds: 600,
  },
  {
    name: 'external-secrets', chart: 'external-secrets', version: '2.9.0', repository: 'https://charts.external-secrets.io',
    namespace: 'external-secrets', after: ['prometheus-operator-crds'], when: (spec) => spec.platform.secrets === 'external-secrets', identity: 'external-secrets', timeoutSeconds: 600,
  },
  {
    // The same chart with nothing but objects of its kinds: Helm refuses a release with objects of kinds that it brings itself, and its webhook must answer first.
    name: 'external-secrets-stores', chart: 'external-secrets', version: '2.9.0', repository: 'https://charts.external-secrets.io',
    namespace: 'external-secrets', after: ['external-secrets'], when: (spec) => spec.platform.secrets === 'external-secrets', timeoutSeconds: 300,
  },
  {
    name: 'kyverno', chart: 'kyverno', version: '3.9.0', repository: 'https://kyverno.github.io/kyverno/',
    namespace: 'kyverno', after: [], when: (spec) => spec.platform.policy === 'kyverno', timeoutSeconds: 600,
  },
  {
    name: 'kyverno-policies', chart: 'kyverno-policies', version: '3.9.0', repository: 'https://kyverno.github.io/kyverno/',
    namespace: 'kyverno', after: ['kyverno'], when: (spec) => spec.platform.policy === 'kyverno', timeoutSeconds: 300,
  },
  {
    name: 'gatekeeper', chart: 'gatekeeper', version: '3.23.0', repository: 'https://open-policy-agent.github.io/gatekeeper/charts',
    namespace: 'gatekeeper-system', after: [], when: (spec) => spec.platform.policy === 'gatekeeper', timeoutSeconds: 600,
  },
  {
    // Its service waits for the cloud's load balancer. The certificate of its Gateway is of cert-manager's kinds.
    name: 'traefik', chart: 'traefik', version: '41.3.0', repository: 'https://traefik.github.io/charts',
    namespace: 'traefik', after: ['cloud-provider-azure', 'gateway-api-crds', 'cert-manager'], when: (spec) => spec.platform.ingress === 'traefik', timeoutSeconds: 900,
  },
  {
    // It takes no routes where their kinds are not defined.
    name: 'external-dns', chart: 'external-dns', version: '1.21.1', repository: 'https://kubernetes-sigs.github.io/external-dns/',
    namespace: 'external-dns', after: ['prometheus-operator-crds', 'gateway-api-crds'], when: (spec) => spec.platform.dns === 'external-dns', identity: 'external-dns', timeoutSeconds: 300,
  },
  {
    name: 'kube-prometheus-stack', chart: 'kube-prometheus-stack', version: '88.5.3', repository: 'https://prometheus-community.github.io/helm-charts',
    namespace: 'monitoring', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver'], when: (spec) => spec.platform.monitoring === 'prometheus', timeoutSeconds: 900,
  },
  {
    // After the Prometheus operator, whose definitions its ServiceMonitor needs.
    name: 'loki', chart: 'loki', version: '18.11.0', repository: 'https://grafana-community.github.io/helm-charts',
    namespace: 'logging', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver', 'kube-prometheus-stack'], when: (spec) => spec.platform.logging === 'loki', identity: 'loki', timeoutSeconds: 900,
  },
  {
    name: 'alloy', chart: 'alloy', version: '1.11.1', repository: 'https://grafana.github.io/helm-charts',
    namespace: 'log-shipper', after: ['loki'], when: (spec) => spec.platform.logging === 'loki', timeoutSeconds: 300,
  },
  {
    // Its certificates are of cert-manager's kinds. Its job, which sets rights and retention, runs within the release: who writes comes after it.
    name: 'opensearch', chart: 'opensearch', version: '3.6.0', repository: 'https://opensearch-project.github.io/helm-charts/',
    namespace: 'opensearch', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver', 'cert-manager'], when: (spec) => spec.platform.logging === 'opensearch', timeoutSeconds: 1200,
  },
  {
    name: 'fluent-bit', chart: 'fluent-bit', version: '0.58.1', repository: 'https://fluent.github.io/helm-charts',
    namespace: 'opensearch', after: ['prometheus-operator-crds', 'opensearch'], when: (spec) => spec.platform.logging === 'opensearch', timeoutSeconds: 300,
  },
  {
    name: 'tempo', chart: 'tempo', version: '2.2.4', repository: 'https://grafana-community.github.io/helm-charts',
    namespace: 'tracing', after: ['aws-ebs-csi-driver', 'azuredisk-csi-driver'], when: (spec) => spec.platform.tracing === 'tempo', identity: 'tempo', timeoutSeconds: 900,
  },
  {
    name: 'opentelemetry-collector', chart: 'opentelemetry-collector', version: '0.170.0', repository: 'https://open-telemetry.github.io/opentelemetry-helm-charts',
    namespace: 'tracing', after: ['tempo'], when: (spec) => spec.platform.tracing === 'tempo', timeoutSeconds: 300,
  },
  {
    name: 'velero', chart: 'velero', version: '12.1.0', repository: 'https://vmware-tanzu.github.io/helm-charts',
    namespace: 'velero', after: ['kube-prometheus-stack'], when: (spec) => spec.platform.backup === 'velero', identity: 'velero', timeoutSeconds: 600,
  },
  {
    // The definitions alone: the operator is a Deployment of the program's, see rancher-backup.ts.
    name: 'rancher-backup', chart: 'rancher-backup-crd', version: '110.0.2+up11.0.3', repository: 'https://charts.rancher.io',
    namespace: 'rancher-backup', after: ['prometheus-operator-crds'], clouds: ['aws'], when: (spec) => spec.platform.backup === 'rancher-backup', identity: 'rancher-backup', timeoutSeconds: 300,
  },
  {
    name: 'argo-cd', chart: 'argo-cd', version: '10.1.1', repository: 'https://argoproj.github.io/argo-helm',
    namespace: 'argocd', after: [], when: (spec) => spec.platform.gitops === 'argocd', timeoutSeconds: 900,
  },
  {
    // A release of its own: Helm takes no object of a kind that the same release is about to define.
    name: 'argocd-apps', chart: 'argocd-apps', version: '2.0.5', repository: 'https://argoproj.github.io/argo-helm',
    namespace: 'argocd', after: ['argo-cd'], when: ({ platform, namespaces, gitops }) => platform.gitops === 'argocd' && (namespaces.length > 0 || gitops !== undefined), timeoutSeconds: 300,
  },
  {
    name: 'flux2', chart: 'flux2', version: '2.18.3', repository: 'https://fluxcd-community.github.io/helm-charts',
    namespace: 'flux-system', after: [], when: (spec) => spec.platform.gitops === 'flux', identity: 'kustomize-controller', timeoutSeconds: 600,
  },
  {
    // As with Argo CD's.
    name: 'flux2-sync', chart: 'flux2-sync', version: '1.14.5', repository: 'https://fluxcd-community.github.io/helm-charts',
    namespace: 'flux-system', after: ['flux2'], when: ({ platform, gitops }) => platform.gitops === 'flux' && gitops !== undefined, timeoutSeconds: 300,
  },
  {
    name: 'argo-rollouts', chart: 'argo-rollouts', version: '2.41.0', repository: 'https://argoproj.github.io/argo-helm',
    namespace: 'argo-rollouts', after: [], when: (spec) => spec.platform.rollouts === 'argo-rollouts', timeoutSeconds: 300,
  },
  {
    // Its webhook's certificate is cert-manager's, what it measures is of metrics-server.
    name: 'vertical-pod-autoscaler', chart: 'vertical-pod-autoscaler', version: '0.11.0', repository: 'https://kubernetes.github.io/autoscaler',
    namespace: 'vertical-pod-autoscaler', after: ['cert-manager', 'metrics-server'], when: (spec) => spec.platform.podSizing === 'vertical-pod-autoscaler', timeoutSeconds: 300,
  },
  {
    name: 'cloudnative-pg', chart: 'cloudnative-pg', version: '0.29.0', repository: 'https://cloudnative-pg.github.io/charts',
    namespace: 'cnpg-system', after: [], when: (spec) => spec.platform.databases === 'cloudnative-pg', timeoutSeconds: 300,
  },
  {
    name: 'postgres-operator', chart: 'postgres-operator', version: '2.0.1', repository: 'https://opensource.zalando.com/postgres-operator/charts/postgres-operator',
    namespace: 'postgres-operator', after: [], when: (spec) => spec.platform.databases === 'zalando-postgres', timeoutSeconds: 300,
  },
  {
    name: 'trivy-operator', chart: 'trivy-operator', version: '0.34.0', repository: 'https://aquasecurity.github.io/helm-charts/',
    namespace: 'trivy-system', after: [], when: (spec) => spec.platform.scanning === 'trivy', timeoutSeconds: 600,
  },
  {
    // It starts when the owner has put its token into the cloud's store, on Azure into a vault that comes with the cluster.
    name: 'snyk-monitor', chart: 'snyk-monitor', version: '2.23.8', repository: 'https://snyk.github.io/kubernetes-monitor',
    namespace: 'snyk-monitor', after: ['external-secrets-stores'], when: (spec) => spec.platform.scanning === 'snyk', unawaited: true, timeoutSeconds: 300,
  },
  {
    // As with Snyk's monitor: it starts when the owner has put its key into the store.
    name: 'datadog', chart: 'datadog', version: '3.240.0', repository: 'https://helm.datadoghq.com',
    namespace: 'datadog', after: ['external-secrets-stores'], when: (spec) => spec.platform.hostedMonitoring === 'datadog', unawaited: true, timeoutSeconds: 300,
  },
  {
    name: 'falco', chart: 'falco', version: '9.1.0', repository: 'https://falcosecurity.github.io/charts',
    namespace: 'falco', after: [], when: (spec) => spec.platform.runtimeSecurity === 'falco', timeoutSeconds: 600,
  },
];
