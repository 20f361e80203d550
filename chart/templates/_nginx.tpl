{{/*
nginx's configuration: the templates of nginx/ (chart/nginx links to them) with the chart's values, by the rules of
nginx/render. values.schema.json has checked the values, so none can end its word of nginx's syntax.
*/}}
{{- define "components-api.nginx" -}}
{{- $values := dict
    "LISTEN" "8443"
    "SERVER_NAME" (include "components-api.hosts" .)
    "SERVER_CERTIFICATE" "/etc/components-api/tls/tls.crt"
    "SERVER_KEY" "/etc/components-api/tls/tls.key"
    "CLIENT_CA" "/etc/components-api/tls/ca.crt"
    "PEER" "gateway"
    "SERVICE" (ternary (printf "127.0.0.1:%v" .Values.fastcgi.port) (printf "unix:%s" (include "components-api.socket" .)) .Values.fastcgi.enabled)
    "URL_PREFIX" .Values.gateway.prefix
    "CLIENT_TIMEOUT" (printf "%vs" (add .Values.config.requestTimeoutSeconds 5))
    "SERVICE_TIMEOUT" "90s"
    "MAX_EXCHANGES" (printf "%v" (min 900 .Values.config.maxConcurrentRequests))
    "MAX_WAITING" (printf "%v" (add .Values.config.maxWaitingRequests 104))
    "MAX_WAITING_EACH" (printf "%v" (add (div .Values.config.maxWaitingRequests 10) 91))
    "WORKER_PROCESSES" (printf "%v" .Values.nginx.workerProcesses)
    "TEMPORARY_DIRECTORY" "/run/nginx"
    "PID_FILE" "/run/nginx/nginx.pid"
    "ACCESS_LOG" "/dev/stdout"
    "ERROR_LOG" "stderr"
    "LOCATIONS" "/nonexistent"
    "GATEWAY_SUBJECTS" (.Values.gateway.clientSubjects | join "|" | replace "." "[.]")
    "TRUST_TOOL_HEADER" (ternary "yes" "no" .Values.gateway.sendsToolHeader)
    "HEALTH_LISTEN" "9000"
-}}
{{- $text := .Files.Get "nginx/nginx.conf.in" -}}
{{- range until 8 -}}
  {{- range regexFindAll "@<[^>]*>@" $text -1 -}}
    {{- $name := . | trimPrefix "@<" | trimSuffix ">@" -}}
    {{- range regexFindAll "@[A-Z][A-Z_]*(=[^@]*)?@" $name -1 -}}
      {{- $name = replace . (get $values (regexFind "[A-Z][A-Z_]*" .)) $name -}}
    {{- end -}}
    {{- $file := $.Files.Get (printf "nginx/%s" $name) | trimSuffix "\n" -}}
    {{- $text = replace . (required (printf "chart/nginx has no %s" $name) $file) $text -}}
  {{- end -}}
{{- end -}}
{{- range regexFindAll "@[A-Z][A-Z_]*(=[^@]*)?@" $text -1 | uniq -}}
  {{- $name := regexFind "[A-Z][A-Z_]*" . -}}
  {{- if hasKey $values $name -}}
    {{- $text = replace . (get $values $name) $text -}}
  {{- else if contains "=" . -}}
    {{- $text = replace . (. | trimSuffix "@" | splitList "=" | rest | join "=") $text -}}
  {{- else -}}
    {{- fail (printf "no value is given for %s of nginx/nginx.conf.in" .) -}}
  {{- end -}}
{{- end -}}
{{ $text }}
{{- end }}
