# Takes nodes whose instances have ended out of the API. Names of nodes are ids of instances; those that are gone are no error.
set -eu
for node in {{ nodes }}; do
  kubectl --kubeconfig /etc/kubernetes/admin.conf delete node "$node" --ignore-not-found --request-timeout=5s
done
