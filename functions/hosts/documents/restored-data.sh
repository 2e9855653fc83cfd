# What the restored etcd has, as one line of JSON, before anybody can write. Leases of API servers that are no master's any more go:
# kube-proxy would send requests to their addresses.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
status=$(etcdctl endpoint status --command-timeout=5s -w json)
count=$(etcdctl get "" --prefix --count-only -w fields --command-timeout=20s | sed -n 's/^"Count" : //p')
number() { grep -o "\"$1\":[0-9]*" <<<"$status" | head -n 1 | cut -d: -f2; }
for key in $(etcdctl get /registry/masterleases/ --prefix --keys-only --command-timeout=5s); do
  [[ " {{ addresses }} " == *" ${key##*/} "* ]] || etcdctl del "$key" --command-timeout=5s >/dev/null
done
printf '{"clusterId":"%s","revision":%s,"keys":%s}\n' "$(number cluster_id)" "$(number revision)" "$count"
