{{/* Variables of API and workers alike. */}}
{{- define "clusterwright.env" -}}
- {name: CLUSTERWRIGHT_CLOUD, value: live}
- {name: REDIS_URL, value: {{ .Values.redis.url | quote }}}
{{- if .Values.redis.existingSecret }}
- {name: REDIS_PASSWORD_FILE, value: /run/secrets/redis/password}
{{- end }}
{{- if .Values.redis.durableAsserted }}
- {name: CLUSTERWRIGHT_REDIS_DURABLE, value: asserted}
{{- end }}
- {name: PULUMI_BACKEND_URL, value: {{ .Values.backend.url | quote }}}
- {name: PULUMI_SECRETS_PROVIDER, value: {{ .Values.backend.secretsProvider | quote }}}
- {name: CLUSTERWRIGHT_ACCOUNTS, value: /etc/clusterwright/accounts.yaml}
{{- if .Values.webhookAllow }}
- {name: CLUSTERWRIGHT_WEBHOOK_ALLOW, value: {{ join "," .Values.webhookAllow | quote }}}
{{- end }}
{{- if .Values.extraCa.existingConfigMap }}
- {name: NODE_EXTRA_CA_CERTS, value: /etc/clusterwright-ca/{{ .Values.extraCa.key }}}
{{- end }}
{{- if .Values.identity.aws.region }}
- {name: AWS_REGION, value: {{ .Values.identity.aws.region }}}
{{- end }}
{{- range $name, $value := .Values.otel }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- range $name, $value := .Values.env }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end -}}

{{/* What every pod is held to: the profile "restricted" of the Pod Security Standards. */}}
{{- define "clusterwright.podSecurity" -}}
serviceAccountName: {{ include "clusterwright.serviceAccount" . }}
# The service asks no Kubernetes about itself; the clouds' webhooks project the tokens that they need.
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "clusterwright.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "clusterwright.mounts" -}}
- {name: home, mountPath: /var/lib/clusterwright}
- {name: tmp, mountPath: /tmp}
- {name: config, mountPath: /etc/clusterwright, readOnly: true}
{{- if .Values.redis.existingSecret }}
- {name: redis, mountPath: /run/secrets/redis, readOnly: true}
{{- end }}
{{- if .Values.extraCa.existingConfigMap }}
- {name: ca, mountPath: /etc/clusterwright-ca, readOnly: true}
{{- end }}
{{- end -}}

{{- define "clusterwright.volumes" -}}
- {name: tmp, emptyDir: {}}
- name: config
  configMap: {name: {{ include "clusterwright.config" . }}}
{{- if .Values.redis.existingSecret }}
- name: redis
  secret:
    secretName: {{ .Values.redis.existingSecret }}
    defaultMode: 0440
    items: [{key: {{ .Values.redis.passwordKey }}, path: password}]
{{- end }}
{{- if .Values.extraCa.existingConfigMap }}
- name: ca
  configMap: {name: {{ .Values.extraCa.existingConfigMap }}}
{{- end }}
{{- end -}}

{{/* Pods begin anew when their files change: these are read at the start. */}}
{{- define "clusterwright.podMetadata" -}}
{{- $root := index . 0 }}{{ $component := index . 1 }}{{ $annotations := index . 2 -}}
labels:
  {{- include "clusterwright.labels" $root | nindent 2 }}
  app.kubernetes.io/component: {{ $component }}
  {{- if $root.Values.identity.azure.clientId }}
  azure.workload.identity/use: "true"
  {{- end }}
annotations:
  checksum/config: {{ list $root.Values.accounts $root.Values.tenancy $root.Values.webhooks | toJson | sha256sum }}
  {{- with $annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Replicas on machines and in zones of their own, as far as there are such. */}}
{{- define "clusterwright.spread" -}}
{{- $root := index . 0 }}{{ $component := index . 1 -}}
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "clusterwright.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $component }}
{{- end }}
{{- end -}}
