# Waits, 15 seconds at most, until Ready is one of these states for this many nodes, without the masters. What follows is "list-nodes".
end=$((SECONDS + 15))
such() {
  kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -l '!node-role.kubernetes.io/control-plane' \
    --no-headers --request-timeout=5s -o \
    custom-columns='READY:.status.conditions[?(@.type=="Ready")].status' 2>/dev/null | grep -cE '{{ states }}'
}
# Each look reads all nodes whole, some 10 KB each.
until (($(such) >= {{ count }})) || ((SECONDS >= end)); do
  if (({{ count }} > 100)); then sleep 2; else sleep 0.3; fi
done
