{{/* Name of everything in the release: its own, with the chart's where that is not part of it. */}}
{{- define "clusterwright.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{/* What selects pods: never changes. */}}
{{- define "clusterwright.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "clusterwright.labels" -}}
{{ include "clusterwright.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "clusterwright.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "clusterwright.name" .) .Values.serviceAccount.name }}{{ else }}{{ required "serviceAccount.name: name the service account that is there, or let the chart make one (serviceAccount.create)." .Values.serviceAccount.name }}{{ end -}}
{{- end -}}

{{- define "clusterwright.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}
{{- end -}}

{{- define "clusterwright.config" -}}
{{ default (include "clusterwright.name" .) .Values.existingConfigMap }}
{{- end -}}

{{/* Jobs that wait and operations that run: every replica of the API tells the same. */}}
{{- define "clusterwright.jobsInHand" -}}
max(clusterwright_queue_depth{namespace="{{ .Release.Namespace }}"}) + sum(max by (worker) (clusterwright_operations_running{namespace="{{ .Release.Namespace }}"}) or vector(0))
{{- end -}}

{{/* Refuses values that cannot work together: shapes are the schema's. */}}
{{- define "clusterwright.check" -}}
{{- $_ := required "backend.url: name the object storage that holds the state of all clusters, e.g. s3://bucket?region=eu-west-1." .Values.backend.url -}}
{{- $_ := required "backend.secretsProvider: name the key that secrets in the state are encrypted with, e.g. awskms://alias/clusterwright?region=eu-west-1." .Values.backend.secretsProvider -}}
{{- $_ := required "redis.url: name the Redis that API and workers share, e.g. rediss://redis.example.com:6379." .Values.redis.url -}}
{{- $_ := required "signIn.tenantId: name the Entra tenant whose tokens are accepted (docs/sign-in.md)." .Values.signIn.tenantId -}}
{{- if not .Values.signIn.audiences }}{{ fail "signIn.audiences: name the client id of the service's registration (docs/sign-in.md)." }}{{ end -}}
{{- if not (or .Values.tls.existingSecret .Values.trustedProxies) }}{{ fail "tls.existingSecret, or trustedProxies: tokens need TLS. Give the API a certificate, or name the addresses of the proxies that end TLS in front." }}{{ end -}}
{{- if not (or .Values.existingConfigMap (and .Values.accounts .Values.tenancy)) }}{{ fail "accounts and tenancy: say where clusters may be made and who may do what, here or in existingConfigMap (docs/accounts.md, docs/sign-in.md)." }}{{ end -}}
{{- if and .Values.webhooks (not .Values.webhookSecret.existingSecret) }}{{ fail "webhookSecret.existingSecret: webhooks need the secret that they are signed with." }}{{ end -}}
{{- if and .Values.worker.autoscaling.enabled (eq .Values.worker.autoscaling.kind "keda") (not .Values.worker.autoscaling.prometheus) }}{{ fail "worker.autoscaling.prometheus: KEDA needs the address of Prometheus." }}{{ end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}{{ fail "ingress.host: name the host." }}{{ end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}{{ fail "httpRoute.parentRefs: name the Gateway." }}{{ end -}}
{{- end -}}
