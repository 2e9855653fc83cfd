# Asks the API servers through the load balancer, as every client does.
set -u
kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz --request-timeout=5s
