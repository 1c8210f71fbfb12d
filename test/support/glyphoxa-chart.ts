/**
 * The old Helm chart of the program, written by its public description: its values, the names of its objects, and what stands
 * in them. Nothing here is the chart's own text.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The chart's values, with their defaults. */
export const chartValues = `topology: shared
image: {repository: ghcr.io/mrwong99/glyphoxa, tag: "", pullPolicy: IfNotPresent}
imagePullSecrets: []
gateway:
  replicaCount: 3
  adminKey: ""
  ports: {admin: 8081, grpc: 50051, observe: 9090}
  resources:
    requests: {cpu: 250m, memory: 256Mi}
    limits: {cpu: "1", memory: 512Mi}
  nodeSelector: {}
  tolerations: []
  podAntiAffinity: {enabled: true}
  serviceAccount: {create: true, name: glyphoxa-gateway, annotations: {}}
worker:
  resourceProfile: cloud
  profiles:
    cloud: {requests: {cpu: 500m, memory: 384Mi}, limits: {cpu: "2", memory: 768Mi}}
    whisper-native: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: "4", memory: 2Gi}}
    local-llm: {requests: {cpu: "4", memory: 4Gi}, limits: {cpu: "8", memory: 8Gi}}
  activeDeadlineSeconds: 14400
  ttlSecondsAfterFinished: 300
  ports: {grpc: 50051, observe: 9090}
  nodeSelector: {}
  tolerations: []
  gpu:
    nodeSelector: {nvidia.com/gpu: "true"}
    tolerations: [{key: nvidia.com/gpu, effect: NoSchedule}]
mcpGateway:
  enabled: true
  replicaCount: 2
  ports: {mcp: 8080, observe: 9090}
  resources:
    requests: {cpu: 250m, memory: 256Mi}
    limits: {cpu: "1", memory: 512Mi}
  nodeSelector: {}
  tolerations: []
config: {data: {}}
vault: {enabled: false, addr: ""}
secrets:
  vaultToken: ""
  databaseDSN: ""
  elevenlabsApiKey: ""
  geminiApiKey: ""
  deepgramApiKey: ""
  openaiApiKey: ""
database: {dsn: ""}
networkPolicy: {enabled: true}
autoscaling: {enabled: false, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 70}
postgresql:
  enabled: false
  auth: {postgresPassword: "", database: glyphoxa}
  primary: {persistence: {size: 10Gi}}
sealed-secrets: {enabled: false}
`;

const helpers = `
{{- define "marks" -}}
helm.sh/chart: glyphoxa-0.1.0
app.kubernetes.io/managed-by: Helm
app.kubernetes.io/part-of: glyphoxa
{{- end -}}
{{- define "select" -}}
app.kubernetes.io/name: glyphoxa
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .of }}
{{- end -}}
{{- define "labels" -}}
{{ include "marks" .root }}
{{ include "select" . }}
{{- end -}}
{{- define "image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- define "account" -}}
{{- $a := .Values.gateway.serviceAccount -}}
{{- if $a.create }}{{ $a.name | default (printf "%s-gateway" .Release.Name) }}{{ else }}{{ $a.name | default "default" }}{{ end -}}
{{- end -}}
{{- define "from-secret" -}}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .root.Release.Name }}-secrets, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}
{{- end -}}
{{- define "dsn" -}}
{{- if .Values.secrets.databaseDSN }}
{{ include "from-secret" (dict "root" . "name" "GLYPHOXA_DATABASE_DSN" "key" "database-dsn") }}
{{- else if .Values.database.dsn }}
- {name: GLYPHOXA_DATABASE_DSN, value: {{ .Values.database.dsn | quote }}}
{{- else if .Values.postgresql.enabled }}
- {name: GLYPHOXA_DATABASE_DSN, value: {{ printf "postgres://postgres:%s@%s-postgresql:5432/%s?sslmode=disable" .Values.postgresql.auth.postgresPassword .Release.Name .Values.postgresql.auth.database | quote }}}
{{- end }}
{{- end -}}
{{- define "keys" -}}
{{- $root := . }}
{{- range list "elevenlabs" "gemini" "deepgram" "openai" }}
{{- if index $root.Values.secrets (printf "%sApiKey" .) }}
{{ include "from-secret" (dict "root" $root "name" (printf "%s_API_KEY" (upper .)) "key" (printf "%s-api-key" .)) }}
{{- end }}
{{- end }}
{{- end -}}
{{- define "port" -}}
{name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
{{- end -}}
{{- define "probes" -}}
livenessProbe: {httpGet: {path: /healthz, port: observe}, initialDelaySeconds: 5, periodSeconds: 10}
readinessProbe: {httpGet: {path: /readyz, port: observe}, initialDelaySeconds: 5, periodSeconds: 10}
{{ include "startup" . }}
{{- end -}}
{{- define "startup" -}}
startupProbe: {httpGet: {path: /healthz, port: observe}, failureThreshold: 30, periodSeconds: 2}
{{- end -}}
{{- define "mount" -}}
{{- if .Values.config.data }}volumeMounts: [{name: config, mountPath: /etc/glyphoxa, readOnly: true}]{{ end -}}
{{- end -}}
{{- define "volume" -}}
{{- if .Values.config.data }}volumes: [{name: config, configMap: {name: {{ .Release.Name }}-config}}]{{ end -}}
{{- end -}}
{{- define "place" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .selector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end -}}
{{- define "service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .root.Release.Name }}-{{ .of }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "labels" . | nindent 4 }}
spec:
  type: ClusterIP
  selector: {{- include "select" . | nindent 4 }}
  ports:
{{- range $name := .names }}
  - {name: {{ $name }}, port: {{ index $.ports $name }}, targetPort: {{ $name }}, protocol: TCP}
{{- end }}
{{- end -}}
`;

const meta = (name: string, labels: string) => `metadata:
  name: ${name}
  namespace: {{ .Release.Namespace }}
  labels: {{- include ${labels} | nindent 4 }}
`;
const of = (component: string) => `"labels" (dict "root" . "of" "${component}")`;

const workload = (
  name: string,
  values: string,
  ports: string[],
  extra: { spec?: string; pod?: string; env: string },
) => `apiVersion: apps/v1
kind: Deployment
${meta(`{{ .Release.Name }}-${name}`, of(name))}spec:
${extra.spec ?? `  replicas: {{ .Values.${values}.replicaCount }}\n`}  selector:
    matchLabels: {{- include "select" (dict "root" . "of" "${name}") | nindent 6 }}
  template:
    metadata:
      labels: {{- include ${of(name)} | nindent 8 }}
      annotations: {checksum/config: {{ toJson .Values.config | sha256sum }}}
    spec:
${extra.pod ?? ''}      {{- include "place" (dict "root" . "selector" .Values.${values}.nodeSelector "tolerations" .Values.${values}.tolerations) | nindent 6 }}
      containers:
      - name: ${name}
        image: {{ include "image" . }}
        imagePullPolicy: {{ .Values.image.pullPolicy }}
        args: ["--mode=${name}"]
        ports:
${ports.map((port) => `        - {{ include "port" (dict "name" "${port}" "port" .Values.${values}.ports.${port}) }}\n`).join('')}        env:
${extra.env}        {{- include "mount" . | nindent 8 }}
        {{- include "probes" . | nindent 8 }}
        resources: {{ toJson .Values.${values}.resources }}
      {{- include "volume" . | nindent 6 }}
`;

const gateway = workload('gateway', 'gateway', ['admin', 'grpc', 'observe'], {
  spec: '{{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.gateway.replicaCount }}\n{{- end }}\n',
  pod: `      serviceAccountName: {{ include "account" . }}
{{- if .Values.gateway.podAntiAffinity.enabled }}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 100
            podAffinityTerm:
              topologyKey: kubernetes.io/hostname
              labelSelector:
                matchLabels: {{- include "select" (dict "root" . "of" "gateway") | nindent 18 }}
{{- end }}
`,
  env: `        {{- include "from-secret" (dict "root" . "name" "GLYPHOXA_ADMIN_KEY" "key" "admin-key" "optional" true) | nindent 8 }}
        - {name: GLYPHOXA_GRPC_ADDR, value: ":{{ .Values.gateway.ports.grpc }}"}
        {{- include "dsn" . | nindent 8 }}
{{- if .Values.vault.enabled }}
        - {name: VAULT_ADDR, value: {{ .Values.vault.addr | quote }}}
        {{- include "from-secret" (dict "root" . "name" "VAULT_TOKEN" "key" "vault-token" "optional" true) | nindent 8 }}
{{- end }}
        {{- include "keys" . | nindent 8 }}
`,
});

const mcpGateway = `{{- if .Values.mcpGateway.enabled }}
${workload('mcp-gateway', 'mcpGateway', ['mcp', 'observe'], {
  env: '        - {name: GLYPHOXA_MCP_ADDR, value: ":{{ .Values.mcpGateway.ports.mcp }}"}\n',
})}---
{{ include "service" (dict "root" . "of" "mcp-gateway" "names" (list "mcp" "observe") "ports" .Values.mcpGateway.ports) }}
{{- end }}
`;

const service = `{{ include "service" (dict "root" . "of" "gateway" "names" (list "admin" "grpc" "observe") "ports" .Values.gateway.ports) }}
`;

const config = `{{- if .Values.config.data }}
apiVersion: v1
kind: ConfigMap
${meta('{{ .Release.Name }}-config', '"marks" .')}data:
  config.yaml: |
{{ toYaml .Values.config.data | indent 4 }}
{{- end }}
`;

const secret = `apiVersion: v1
kind: Secret
${meta('{{ .Release.Name }}-secrets', '"marks" .')}type: Opaque
stringData:
${[
  ['admin-key', 'gateway.adminKey'],
  ['vault-token', 'secrets.vaultToken'],
  ['database-dsn', 'secrets.databaseDSN'],
  ['elevenlabs-api-key', 'secrets.elevenlabsApiKey'],
  ['gemini-api-key', 'secrets.geminiApiKey'],
  ['deepgram-api-key', 'secrets.deepgramApiKey'],
  ['openai-api-key', 'secrets.openaiApiKey'],
]
  .map(([key, value]) => `{{- with .Values.${value} }}\n  ${key}: {{ quote . }}\n{{- end }}\n`)
  .join('')}`;

const access = `{{- if .Values.gateway.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
${meta('{{ include "account" . }}', of('gateway'))}{{- with .Values.gateway.serviceAccount.annotations }}
  annotations: {{ toJson . }}
{{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
${meta('{{ .Release.Name }}-job-manager', '"marks" .')}rules:
- {apiGroups: [batch], resources: [jobs], verbs: [create, get, list, watch, delete]}
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
${meta('{{ .Release.Name }}-job-manager', '"marks" .')}subjects:
- {kind: ServiceAccount, name: {{ include "account" . }}, namespace: {{ .Release.Namespace }}}
roleRef: {kind: Role, name: {{ .Release.Name }}-job-manager, apiGroup: rbac.authorization.k8s.io}
{{- end }}
`;

const job = `{{- $w := .Values.worker -}}
{{- $selector := $w.nodeSelector | default dict -}}
{{- $tolerations := $w.tolerations | default list -}}
{{- if and (eq $w.resourceProfile "local-llm") $w.gpu -}}
{{- $selector = merge (deepCopy $selector) ($w.gpu.nodeSelector | default dict) -}}
{{- $tolerations = concat $tolerations ($w.gpu.tolerations | default list) -}}
{{- end -}}
apiVersion: v1
kind: ConfigMap
${meta('{{ .Release.Name }}-worker-job-template', '"marks" .')}data:
  job-template.yaml: |
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: {{ .Release.Name }}-worker-SESSION_ID
      namespace: {{ .Release.Namespace }}
      labels: {{- include ${of('worker')} | nindent 8 }}
    spec:
      parallelism: 1
      completions: 1
      activeDeadlineSeconds: {{ int $w.activeDeadlineSeconds }}
      ttlSecondsAfterFinished: {{ int $w.ttlSecondsAfterFinished }}
      template:
        metadata:
          labels: {{- include ${of('worker')} | nindent 12 }}
        spec:
          restartPolicy: Never
          {{- include "place" (dict "root" . "selector" $selector "tolerations" $tolerations) | nindent 10 }}
          containers:
          - name: worker
            image: {{ include "image" . }}
            imagePullPolicy: {{ .Values.image.pullPolicy }}
            args: ["--mode=worker", "--config=/etc/glyphoxa/config.yaml"]
            ports:
            - {{ include "port" (dict "name" "grpc" "port" $w.ports.grpc) }}
            - {{ include "port" (dict "name" "observe" "port" $w.ports.observe) }}
            env:
            - {name: GLYPHOXA_GATEWAY_ADDR, value: "{{ .Release.Name }}-gateway.{{ .Release.Namespace }}.svc:{{ .Values.gateway.ports.grpc }}"}
            - {name: GLYPHOXA_GRPC_ADDR, value: ":{{ $w.ports.grpc }}"}
            {{- if .Values.mcpGateway.enabled }}
            - {name: GLYPHOXA_MCP_GATEWAY_URL, value: "http://{{ .Release.Name }}-mcp-gateway.{{ .Release.Namespace }}.svc:{{ .Values.mcpGateway.ports.mcp }}/mcp"}
            {{- end }}
            {{- include "dsn" . | nindent 12 }}
            {{- include "keys" . | nindent 12 }}
            {{- include "mount" . | nindent 12 }}
            {{- include "startup" . | nindent 12 }}
            resources: {{ toJson (index $w.profiles (ternary $w.resourceProfile "cloud" (hasKey $w.profiles ($w.resourceProfile | default "")))) }}
          {{- include "volume" . | nindent 10 }}
`;

const scaling = `{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
${meta('{{ .Release.Name }}-gateway', of('gateway'))}spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }}-gateway}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .Values.autoscaling.targetCPUUtilizationPercentage }}}}
{{- end }}
`;

const policy = (name: string, ingress: string, egress: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
${meta(`{{ .Release.Name }}-${name}`, '"marks" .')}spec:
  podSelector:
    matchLabels: {{- include "select" (dict "root" . "of" "${name}") | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: ${ingress}
  egress: ${egress}
`;

const policies = `{{- if .Values.networkPolicy.enabled }}
${policy('gateway', '[{from: [{podSelector: {}}], ports: [{port: {{ .Values.gateway.ports.admin }}, protocol: TCP}]}]', '[{}]')}---
${policy('worker', '[{ports: [{port: {{ .Values.worker.ports.grpc }}, protocol: TCP}]}]', '[{ports: [{port: 443, protocol: TCP}]}]')}
{{- if .Values.mcpGateway.enabled }}
---
${policy('mcp-gateway', '[{ports: [{port: {{ .Values.mcpGateway.ports.mcp }}, protocol: TCP}]}]', '[{ports: [{port: 443, protocol: TCP}]}]')}
{{- end }}
{{- end }}
`;

/** Writes the chart into a folder. Returns its path. */
export function writeGlyphoxaChart(folder: string): string {
  const chart = path.join(folder, 'glyphoxa');
  mkdirSync(path.join(chart, 'templates'), { recursive: true });
  const files: { [name: string]: string } = {
    'Chart.yaml': 'apiVersion: v2\nname: glyphoxa\nversion: 0.1.0\nappVersion: "0.1.0"\n',
    'values.yaml': chartValues,
    'templates/_helpers.tpl': helpers,
    ...Object.fromEntries(
      Object.entries({ gateway, mcpGateway, service, config, secret, access, job, scaling, policies }).map(
        ([name, text]) => [`templates/${name}.yaml`, text],
      ),
    ),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(chart, name), text);
  return chart;
}
