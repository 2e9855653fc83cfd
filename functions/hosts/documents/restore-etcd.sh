# Restores the file to this member's volume: beside what is there, then in its place. May be repeated; what is complete stays.
# shellcheck disable=SC2154 # own-etcd.sh sets them
mount=/var/lib/etcd
fail() {
  echo "$*" >&2
  exit 1
}
# One whose execution died may still run: the next one waits, and finds its result.
exec 8>/run/holdfast-restore.lock
flock 8
mountpoint -q $mount || fail "the volume is not mounted"
[[ $(<$mount/holdfast-identity) == "$CLUSTER_UID $MEMBER "*" $VOLUME_ID" ]] || fail "the volume is not the member's"
if [[ ! -e /etc/holdfast/hold-etcd ]] || pgrep -f -- '--data-dir=/var/lib/etcd/data( |$)' >/dev/null; then
  fail "its etcd is not stopped"
fi
if [[ $(cat $mount/data/member/holdfast-restored 2>/dev/null) != "{{ token }}" ]]; then
  [[ ! -e $mount/data/member ]] || fail "the former data is not kept yet"
  rm -rf $mount/data.new
  fetch_file
  # Two logs of 64 MB are made beside the database.
  free=$(df -Pk $mount | awk 'NR == 2 { print $4 }') need=$(({{ totalSize }} / 1024 + 160000))
  ((free > need)) || fail "no space: the volume has $free KiB free, the restored data needs $need KiB"
  own=$(tr ',' '\n' <<<"{{ initialCluster }}" | sed -n "s/^$MEMBER=//p")
  said=$(etcdutl snapshot restore "$work/snapshot.db" --name "$MEMBER" --initial-cluster "{{ initialCluster }}" \
    --initial-cluster-token "{{ token }}" --initial-advertise-peer-urls "$own" --data-dir $mount/data.new \
    --bump-revision {{ bump }} --mark-compacted 2>&1 >/dev/null) ||
    fail "etcdutl does not restore it: $(tail -n 1 <<<"$said" | cut -c 1-300)"
  echo "{{ token }}" >$mount/data.new/member/holdfast-restored
  sync -f $mount/data.new
  [[ ! -e $mount/data/member ]] || fail "the restore was taken back meanwhile"
  rm -rf $mount/data
  mv $mount/data.new $mount/data
  sync $mount
fi
# From here on a volume of the former generation is not the member's.
echo "$CLUSTER_UID $MEMBER {{ generation }} $VOLUME_ID" >$mount/holdfast-identity.new
sync $mount/holdfast-identity.new
mv $mount/holdfast-identity.new $mount/holdfast-identity
sed -i 's/^GENERATION=.*/GENERATION={{ generation }}/' /etc/holdfast/member
sync $mount /etc/holdfast/member
echo '{"restored":true}'
