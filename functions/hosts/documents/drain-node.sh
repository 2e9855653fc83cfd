# Cordons a node, takes it out of load balancers that Kubernetes made, and evicts its pods, as their disruption budgets allow.
# After "within" seconds it ends: the last line names the pods that are left. Pods of DaemonSets and of the host's own files
# stay. A pod that nobody on the node ends, 20 s after its grace period, is not waited for. Runs on a master; a job
# (functions/hosts/documents/job.sh), and may be repeated.
node={{ node }} within={{ within }}
export KUBECONFIG=/etc/kubernetes/admin.conf
SECONDS=0
reach() { until kubectl "$@" --request-timeout=10s; do ((SECONDS < within)) && sleep 2 || exit 1; done; }
found=$(reach get node "$node" --ignore-not-found -o name)
if [[ -z $found ]]; then
  echo '{"found":false,"left":[]}'
  exit 0
fi
reach cordon "$node" >&2
reach label node "$node" node.kubernetes.io/exclude-from-external-load-balancers= --overwrite >&2
# It waits for budgets itself; an API server that does not answer just then ends it.
until kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --force --skip-wait-for-delete-timeout=20 \
  --timeout=$((within > SECONDS ? within - SECONDS : 1))s >&2; do
  ((SECONDS < within)) || break
  sleep 2
done
within=$((SECONDS + 30))
reach get pods --all-namespaces --field-selector "spec.nodeName=$node" --no-headers -o \
  custom-columns='NS:.metadata.namespace,NAME:.metadata.name,OF:.metadata.ownerReferences[0].kind,PHASE:.status.phase,END:.metadata.deletionTimestamp' |
  awk '
    $3 != "DaemonSet" && $3 != "Node" && $4 !~ /^(Succeeded|Failed)$/ && $5 == "<none>" && n++ < 30 {
      list = list (n > 1 ? "," : "") "\"" $1 "/" $2 "\""
    }
    END { print "{\"found\":true,\"left\":[" list "]}" }'
