# Proves that a backup can be restored, before anything is stopped for it: fetches it, restores it to a folder, starts etcd there.
# shellcheck disable=SC2154 # own-etcd.sh sets them
fetch_file
etcdutl snapshot restore "$work/snapshot.db" --name "$MEMBER" --initial-cluster "$MEMBER=http://127.0.0.1:2380" \
  --initial-advertise-peer-urls http://127.0.0.1:2380 --data-dir "$work/trial" >/dev/null 2>"$work/said" || {
  echo "etcdutl does not restore it: $(tail -n 1 "$work/said" | cut -c 1-300)" >&2
  exit 1
}
status=$(etcdutl snapshot status "$work/snapshot.db" -w json)
open_etcd "$work/trial"
keys=$(live_keys)
printf '{"revision":%s,"totalSize":%s,"keys":%s}\n' "$(number revision <<<"$status")" "$(number totalSize <<<"$status")" "$keys"
