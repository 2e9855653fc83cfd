# The nodes as the API knows them, one a line: name, provider id, Ready (True, False, Unknown).
set -u
kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers --request-timeout=5s -o \
  custom-columns='NAME:.metadata.name,PROVIDER:.spec.providerID,READY:.status.conditions[?(@.type=="Ready")].status'
