# Rolls what Holdfast installed in kube-system, or the workloads of all namespaces, as "kubectl rollout restart" does: what they
# have in memory is of before the restore.
set -eu
exec 2>&1
export KUBECONFIG=/etc/kubernetes/admin.conf
where="{{ where }}"
if [[ $where == everywhere ]]; then
  names=$(kubectl get namespaces -o name --request-timeout=10s | cut -d/ -f2) kinds="daemonsets deployments statefulsets"
else
  names=kube-system kinds="daemonsets deployments"
fi
for namespace in $names; do
  for kind in $kinds; do
    for name in $(kubectl get "$kind" -n "$namespace" -o name --request-timeout=10s); do
      kubectl patch "$kind" "${name##*/}" -n "$namespace" --type merge --request-timeout=10s -p \
        '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"{{ at }}"}}}}}' >/dev/null
    done
  done
done
echo restarted
