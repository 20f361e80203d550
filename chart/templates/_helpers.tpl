{{/* The labels by which the pods are found; they never change. */}}
{{- define "components-api.selector" -}}
app.kubernetes.io/name: components-api
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "components-api.labels" -}}
{{ include "components-api.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: toolforge
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The chart installs one service into a namespace of its own, so its objects have the service's name. */}}
{{- define "components-api.name" -}}
components-api
{{- end }}

{{/* Cluster-wide objects of two releases must have different names. */}}
{{- define "components-api.clusterName" -}}
{{- if eq .Release.Namespace "components-api" -}}
components-api
{{- else -}}
components-api-{{ .Release.Namespace }}
{{- end -}}
{{- end }}

{{- define "components-api.secretName" -}}
{{ include "components-api.name" . }}-certificate
{{- end }}

{{- define "components-api.tokenSecretName" -}}
{{ .Values.tokens.secretName | default (printf "%s-token-keys" (include "components-api.name" .)) }}
{{- end }}

{{- define "components-api.hosts" -}}
{{- $service := printf "%s.%s.svc" (include "components-api.name" .) .Release.Namespace -}}
{{- list $service (printf "%s.%s" $service .Values.certificates.internalClusterDomain) | join " " -}}
{{- end }}

{{/* What restricted Pod Security demands of each container. User and group are set for the pod and for nginx. */}}
{{- define "components-api.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Users and group. nginx's workers reach the service's socket by the group; the service checks the user. */}}
{{- define "components-api.serviceUser" -}}61000{{- end }}
{{- define "components-api.nginxUser" -}}61001{{- end }}
{{- define "components-api.group" -}}61000{{- end }}

{{- define "components-api.socket" -}}
/run/components-api/service.sock
{{- end }}
