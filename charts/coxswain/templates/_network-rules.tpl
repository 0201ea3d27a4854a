{{/*
Returns the rules for connections from the pods of a NetworkPolicy: to the DNS servers, to destinations, and further rules. Peers that the
values leave out have defaults, because a rule without peers would allow every address.
*/}}
{{- define "coxswain.egressRules" -}}
- to:
    {{- with .dns.to }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    # NodeLocal DNSCache, and LocalDNS of AKS: addresses of the pod's own node.
    - ipBlock:
        cidr: 169.254.20.10/32
    - ipBlock:
        cidr: 169.254.10.10/31
    {{- end }}
  ports:
    {{- range .dns.ports }}
    - protocol: UDP
      port: {{ . }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- range .destinations }}
- to:
    {{- with .to }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    - ipBlock:
        cidr: 0.0.0.0/0
        # Addresses that are not public (RFC 6890), such as the metadata service at 169.254.169.254, and Azure's WireServer.
        except:
          - 0.0.0.0/8
          - 10.0.0.0/8
          - 100.64.0.0/10
          - 127.0.0.0/8
          - 168.63.129.16/32
          - 169.254.0.0/16
          - 172.16.0.0/12
          - 192.0.0.0/24
          - 192.168.0.0/16
          - 198.18.0.0/15
          - 224.0.0.0/3
    {{- end }}
  ports:
    {{- range .ports }}
    - protocol: TCP
      port: {{ . }}
    {{- end }}
{{- end }}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
Returns the rules for connections to the ports of a NetworkPolicy's pods, without those that name no peers; nothing if none is left,
because with an empty list, each upgrade would change the policy.
*/}}
{{- define "coxswain.ingressRules" -}}
{{- $rules := list }}
{{- range . }}
{{- if .from }}
{{- $rules = append $rules (dict "from" .from "ports" (list (dict "protocol" "TCP" "port" .port))) }}
{{- end }}
{{- end }}
{{- with $rules }}
{{- toYaml . }}
{{- end }}
{{- end }}
