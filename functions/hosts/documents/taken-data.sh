# What the restored etcd of a new cluster has, as one line of JSON, before anybody can write. "yes" takes out what is of the former
# hosts first: their Nodes, so that no pod is thought to run there, and leases by which controllers would wait for them.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
number() { grep -o "\"$1\":[0-9]*" <<<"$status" | head -n 1 | cut -d: -f2; }
forget="{{ forget }}"
if [[ $forget == yes ]]; then
  for prefix in minions leases/kube-node-lease leases/kube-system masterleases; do
    etcdctl del "/registry/$prefix/" --prefix --command-timeout=20s >/dev/null
  done
fi
status=$(etcdctl endpoint status --command-timeout=5s -w json)
count=$(etcdctl get "" --prefix --count-only -w fields --command-timeout=20s | sed -n 's/^"Count" : //p')
printf '{"clusterId":"%s","revision":%s,"keys":%s}\n' "$(number cluster_id)" "$(number revision)" "$count"
