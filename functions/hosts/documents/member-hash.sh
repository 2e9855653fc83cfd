# This member's hash of its keys up to a revision, as etcdctl prints it; or why there is none, for example since the
# revision was compacted.
set -u
set -a
. /etc/holdfast/etcdctl
set +a
etcdctl endpoint hashkv --rev "{{ revision }}" --dial-timeout=1s --command-timeout=10s -w json 2>&1
exit 0
