{{- define "argotest.name" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end -}}
