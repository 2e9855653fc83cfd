# Takes nodes whose instances have ended out of the API. Names of nodes are ids of instances; those that are gone are no error.
set -eu
kubectl --kubeconfig /etc/kubernetes/admin.conf delete node {{ nodes }} --ignore-not-found --wait=false --request-timeout=5s
