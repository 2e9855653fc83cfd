# Asks the API servers through the load balancer, as every client does, until they answer: for 15 seconds at most.
set -u
end=$((SECONDS + 15))
until kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz --request-timeout=5s; do
  ((SECONDS < end)) || exit 1
  sleep 0.2
done
