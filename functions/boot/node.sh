# Turns a fresh instance into a node: fetches the join parameters and joins through the API's endpoint.

join() {
  local token hash endpoint
  read -r token hash endpoint < <(parameter "$PARAMETERS/nodes/join") || return 1
  [[ -n $endpoint ]] || return 1
  mkdir -p /etc/kubernetes
  cat >/etc/kubernetes/kubeadm.yaml <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    token: $token
    apiServerEndpoint: $endpoint
    caCertHashes: [$hash]
nodeRegistration:
  name: $INSTANCE_ID
  kubeletExtraArgs:
    - name: cloud-provider
      value: external
    - name: provider-id
      value: aws:///$ZONE/$INSTANCE_ID
    - name: node-labels
      value: topology.kubernetes.io/zone=$ZONE
EOF
  kubeadm join --config /etc/kubernetes/kubeadm.yaml
}

try_for 1800 join
say "node $INSTANCE_ID of $CLUSTER joined"
