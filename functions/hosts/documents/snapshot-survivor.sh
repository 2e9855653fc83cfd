# Makes a snapshot of what this member has, without the others: of a copy, which etcd opens as a cluster of one. The original is
# only read. Its own etcd is stopped. The file waits for "upload-survivor".
# shellcheck disable=SC2154 # own-etcd.sh sets them
data=/var/lib/etcd/data.before-{{ token }} kept=/var/lib/holdfast/survivor-{{ token }}.db.gz
[[ -d $data ]] || data=/var/lib/etcd/data
if [[ ! -e /etc/holdfast/hold-etcd ]] || pgrep -f -- '--data-dir=/var/lib/etcd/data( |$)' >/dev/null; then
  echo "its etcd is not stopped" >&2
  exit 1
fi
[[ -e $data/member/wal ]] || {
  echo "the member has no data" >&2
  exit 1
}
need=$(($(du -sk "$data" | cut -f1) * 3)) free=$(df -Pk /var/tmp | awk 'NR == 2 { print $4 }')
((free > need)) || {
  echo "no space: /var/tmp has $free KiB free, the copy needs $need KiB" >&2
  exit 1
}
cp -a "$data" "$work/copy"
open_etcd "$work/copy" --force-new-cluster
said=$(ctl endpoint status -w json)
keys=$(live_keys)
ctl snapshot save "$work/snapshot.db" &>/dev/null
close_etcd
status=$(etcdutl snapshot status "$work/snapshot.db" -w json)
gzip -1 "$work/snapshot.db"
mkdir -p /var/lib/holdfast
mv "$work/snapshot.db.gz" "$kept"
sync "$kept"
printf '{"sha256":"%s","bytes":%s,"revision":%s,"totalSize":%s,"keys":%s,"term":%s,"index":%s}\n' \
  "$(sha256sum "$kept" | cut -d' ' -f1)" "$(stat -c %s "$kept")" "$(number revision <<<"$status")" \
  "$(number totalSize <<<"$status")" "$keys" "$(number raftTerm <<<"$said")" "$(number raftIndex <<<"$said")"
