# Turns a fresh instance into a node: fetches the join parameters and joins through the API's endpoint.

join() {
  local told token hash endpoint
  told=$(aws ssm get-parameter --name "$PARAMETERS/nodes/join" --with-decryption --query Parameter.Value --output text) || return 1
  read -r token hash endpoint <<<"$told"
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
$(node_registration)
EOF
  # As on masters: an earlier try may have left files.
  kubeadm join --config /etc/kubernetes/kubeadm.yaml --ignore-preflight-errors=all
}

has kubeadm || try_for 600 install_kubernetes
try_for 1800 join
say "node $INSTANCE_ID of $CLUSTER joined"
