# Turns a fresh instance into a node. Its role's credentials prove to Holdfast which instance this is: it gets a certificate
# for an hour, as the node of that name alone, and joins with it. Also set: API.

# Kept, since Holdfast certifies one key of an instance.
KEY=/etc/kubernetes/node.key
make_key() {
  [[ -s $KEY ]] && return
  mkdir -p /etc/kubernetes
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$KEY.new") && mv "$KEY.new" "$KEY"
}

# Of JSON whose values are plain texts.
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

# Options on standard input appear in no list of processes.
ask_certificate() {
  local role keys request
  new_metadata_token && role=$(metadata iam/security-credentials/) && keys=$(metadata "iam/security-credentials/$role") &&
    request=$(openssl req -new -key "$KEY" -subj "/O=system:nodes/CN=system:node:$INSTANCE_ID" \
      -config <(printf '[req]\ndistinguished_name=name\n[name]\n') | awk '{ printf "%s\\n", $0 }') || return
  curl -sS --fail-with-body --max-time 40 --config - --data "{\"certificateRequest\":\"$request\"}" \
    "$API/clusters/$CLUSTER/nodes/$INSTANCE_ID/certificate" <<EOF
aws-sigv4 = "aws:amz:$REGION:execute-api"
user = "$(field AccessKeyId <<<"$keys"):$(field SecretAccessKey <<<"$keys")"
header = "x-amz-security-token: $(field Token <<<"$keys")"
header = "content-type: application/json"
EOF
}

# Where the cluster is and as whom to join, for kubeadm.
write_kubeconfig() {
  local certificate authority
  certificate=$(printf %b "$(field certificate <<<"$1")" | base64 -w0)
  authority=$(printf %b "$(field certificateAuthority <<<"$1")" | base64 -w0)
  install -m 0600 /dev/null /etc/kubernetes/node.conf
  cat >/etc/kubernetes/node.conf <<EOF
apiVersion: v1
kind: Config
clusters:
  - name: kubernetes
    cluster: { server: "$(field server <<<"$1")", certificate-authority-data: "$authority" }
users:
  - name: node
    user: { client-certificate-data: "$certificate", client-key-data: "$(base64 -w0 <"$KEY")" }
contexts:
  - name: node
    context: { cluster: kubernetes, user: node }
current-context: node
EOF
}

join() {
  local answer
  answer=$(ask_certificate) || {
    say "no certificate: $answer"
    return 1
  }
  write_kubeconfig "$answer"
  cat >/etc/kubernetes/kubeadm.yaml <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  file:
    kubeConfigPath: /etc/kubernetes/node.conf
$(node_registration)
EOF
  # As on masters: an earlier try may have left files.
  kubeadm join --config /etc/kubernetes/kubeadm.yaml --ignore-preflight-errors=all
}

make_key
! lacks_kubernetes || try_for 600 install_kubernetes
# A boot that was cut off may have joined already: kubelet has its own certificate, and joining again is refused.
[[ -s /etc/kubernetes/kubelet.conf ]] || try_for 1800 join
rm -f /etc/kubernetes/node.conf
booted "node $INSTANCE_ID of $CLUSTER joined"
