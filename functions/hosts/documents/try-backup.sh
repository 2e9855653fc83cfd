# Proves that a backup can be restored, before anything is stopped for it: fetches it, restores it to a folder, starts etcd there.
# shellcheck disable=SC2154 # open-backup.sh sets it
fetch_file
open_backup
keys=$(live_keys)
printf '{"revision":%s,"totalSize":%s,"keys":%s}\n' "$(number revision <<<"$status")" "$(number totalSize <<<"$status")" "$keys"
