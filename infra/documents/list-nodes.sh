# The nodes as the API knows them, one a line: name, provider id, Ready (True, False, Unknown). Masters are left out by their
# role, so that one whose instance has been replaced is no node that is not ready.
set -u
kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -l '!node-role.kubernetes.io/control-plane' \
  --no-headers --request-timeout=5s -o \
  custom-columns='NAME:.metadata.name,PROVIDER:.spec.providerID,READY:.status.conditions[?(@.type=="Ready")].status'
