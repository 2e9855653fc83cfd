# Puts the data of before the restore aside on its own volume: a rename, which "undo-restore" takes back. Older ones go, since
# each is in an EBS snapshot. What follows is "restore-status".
mount=/var/lib/etcd token={{ token }}
if mountpoint -q $mount && [[ -e /etc/holdfast/hold-etcd ]] && ! pgrep -f -- '--data-dir=/var/lib/etcd/data( |$)' >/dev/null &&
  [[ -e $mount/data/member && $(cat $mount/data/member/holdfast-restored 2>/dev/null) != "$token" && ! -e $mount/data.before-$token ]]; then
  for old in "$mount"/data.before-*; do
    [[ ! -d $old ]] || rm -rf "$old"
  done
  mv $mount/data "$mount/data.before-$token"
  sync $mount
fi
