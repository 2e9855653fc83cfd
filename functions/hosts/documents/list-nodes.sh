# The nodes as the API knows them, few characters each, since Systems Manager keeps 24,000: a line for each zone and state of Ready
# (True, False, Unknown), then instances; NAME=INSTANCE where the name is another. Masters are left out by their role, so that
# one whose instance has been replaced is no node that is not ready.
set -uo pipefail
kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -l '!node-role.kubernetes.io/control-plane' \
  --no-headers --request-timeout=5s -o \
  custom-columns='NAME:.metadata.name,PROVIDER:.spec.providerID,READY:.status.conditions[?(@.type=="Ready")].status' |
  awk '
    split($2, part, "/") == 5 { of[part[4] " " $3] = of[part[4] " " $3] " " ($1 == part[5] ? "" : $1 "=") part[5] }
    END { for (key in of) print key of[key] }'
