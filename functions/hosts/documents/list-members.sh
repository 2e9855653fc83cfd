# etcd's own list of members, one a line: id in hexadecimal, state, name, peer URLs, client URLs, learner.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
etcdctl member list --command-timeout=5s -w simple
