# The API of a cluster that was taken over has another endpoint: ConfigMaps that name the former one name the new one. Whatever
# else stands in them stays. May be repeated.
set -eu
exec 2>&1 # what went wrong is all that is read of it
export KUBECONFIG=/etc/kubernetes/admin.conf
from={{ from }} to={{ to }}
work=$(mktemp -d /var/tmp/holdfast-XXXXXXXX)
trap 'rm -rf "$work"' EXIT
for at in kube-system/kubeadm-config kube-system/kube-proxy kube-public/cluster-info; do
  kubectl get configmap "${at#*/}" -n "${at%/*}" --ignore-not-found -o json --request-timeout=10s >"$work/map"
  if grep -qF "$from" "$work/map"; then
    sed "s/${from//./\\.}/$to/g" "$work/map" | kubectl replace -f - --request-timeout=10s
  fi
done
echo rewritten
