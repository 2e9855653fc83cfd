# Run on the leader: gives the leadership to another member before this one is stopped.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
etcdctl move-leader --command-timeout=5s "{{ memberId }}"
