{{- define "plimsoll.name" -}}
{{- if eq .Release.Name "plimsoll" }}plimsoll{{ else }}{{ printf "%s-plimsoll" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- define "plimsoll.selector" -}}
app.kubernetes.io/name: plimsoll
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "plimsoll.labels" -}}
{{ include "plimsoll.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "plimsoll.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ default (printf "v%s" .Chart.AppVersion) .Values.image.tag }}{{ end }}
{{- end }}
{{- define "plimsoll.check" -}}
{{- if not .Values.existingSecret }}{{ fail "set existingSecret to the name of a Secret with the keys app.pem and webhook-secrets" }}{{ end }}
{{- if not .Values.appID }}{{ fail "set appID to the ID of the GitHub App" }}{{ end }}
{{- if and (gt (int .Values.replicaCount) 1) (ne .Values.database.type "postgresql") }}{{ fail "replicaCount above 1 needs database.type postgresql: a SQLite file belongs to one process" }}{{ end }}
{{- end }}
