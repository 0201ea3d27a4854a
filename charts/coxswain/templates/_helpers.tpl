{{/* The functions for a component, "worker" or "bot", take (dict "root" $ "component" "worker"). */}}

{{- define "coxswain.name" -}}
{{ .root.Release.Name }}-{{ .component }}
{{- end }}

{{- define "coxswain.selectorLabels" -}}
app.kubernetes.io/name: coxswain
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "coxswain.labels" -}}
{{ include "coxswain.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The namespace is for those who apply the output of `helm template`: a policy for KEDA is in another one. */}}
{{- define "coxswain.metadata" -}}
name: {{ include "coxswain.name" . }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- include "coxswain.labels" . | nindent 2 }}
{{- end }}

{{- define "coxswain.image" -}}
{{- $image := .root.Values.image -}}
{{- with index .root.Values .component "image" -}}
{{ . }}
{{- else -}}
{{ $image.registry }}/coxswain-{{ .component }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "coxswain.podSecurity" -}}
{{- with .root.Values.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{ end -}}
serviceAccountName: {{ include "coxswain.name" . }}
# Neither program calls the Kubernetes API.
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  # The group that can read mounted Secrets.
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "coxswain.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* The variables of both programs, and extraEnv. */}}
{{- define "coxswain.commonEnv" -}}
- name: LOG_LEVEL
  value: {{ .root.Values.logLevel | quote }}
{{- with .root.Values.allowHttp }}
- name: COXSWAIN_ALLOW_HTTP
  value: {{ join "," . | quote }}
{{- end }}
{{- with index .root.Values .component "extraEnv" }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "coxswain.scheduling" -}}
{{- $values := index .root.Values .component -}}
{{- with $values.nodeSelector -}}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The target number of messages for each worker. */}}
{{- define "coxswain.queueLength" -}}
{{ .Values.scaling.queueLength | default (mulf .Values.worker.slots 2.5 | ceil) | int }}
{{- end }}
