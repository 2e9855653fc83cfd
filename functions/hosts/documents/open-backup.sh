# Restores the file that fetch_file has fetched to a folder, and starts an etcd there. Sets "status", as etcdutl says it.
# shellcheck disable=SC2154,SC2034 # own-etcd.sh sets them; others read "status"
open_backup() {
  local said
  said=$(etcdutl snapshot restore "$work/snapshot.db" --name "$MEMBER" --initial-cluster "$MEMBER=http://127.0.0.1:2380" \
    --initial-advertise-peer-urls http://127.0.0.1:2380 --data-dir "$work/trial" 2>&1 >/dev/null) || {
    enough_space "$said"
    faulty "etcdutl does not restore it: $(tail -n 1 <<<"$said" | cut -c 1-300)"
  }
  status=$(etcdutl snapshot status "$work/snapshot.db" -w json)
  rm "$work/snapshot.db"
  open_etcd "$work/trial"
}
