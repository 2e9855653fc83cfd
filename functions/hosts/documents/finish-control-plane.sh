# Makes what is there once a cluster: kubeadm's ConfigMaps, CoreDNS, kube-proxy, and the rule by which nodes renew certificates.
# kubeadm puts them back to its own templates each time, so a mark in etcd says for which release it was done: never twice.
set -euo pipefail
exec 2>&1 # what went wrong is all that is read of it
exec 9>/run/holdfast-finish
flock -w 20 9
end=$((SECONDS + 5))
until [[ -e /etc/holdfast/booted ]]; do
  ((SECONDS < end)) || { echo "this master has not finished its boot"; exit 1; }
  sleep 0.2
done
set -a
. /etc/holdfast/etcdctl
set +a
export KUBECONFIG=/etc/kubernetes/admin.conf
# Its server is the load balancer, as for every client.
end=$((SECONDS + 15))
until kubectl get --raw /readyz --request-timeout=5s &>/dev/null; do
  ((SECONDS < end)) || { echo "the API does not answer through its load balancer yet"; exit 1; }
  sleep 0.2
done
config=/etc/kubernetes/kubeadm.yaml mark=/holdfast/control-plane
version=$(sed -n 's/^kubernetesVersion: //p' "$config")
made=$(etcdctl get "$mark" --print-value-only --command-timeout=5s)
[[ $made != "$version" ]] || { echo finished; exit 0; }

kubeadm init phase upload-config all --config "$config"
kubeadm init phase addon all --config "$config"
# Nodes join and renew by certificates of their own names, and by nothing else: what kubeadm makes for tokens is not there.
kubectl apply --server-side --force-conflicts --field-manager=holdfast -f - <<'RULE'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: kubeadm:node-autoapprove-certificate-rotation
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: system:nodes
RULE
etcdctl put "$mark" "$version" --command-timeout=5s
echo finished
