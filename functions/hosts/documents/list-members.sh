# etcd's own list of members, one a line: id in hexadecimal, state, name, peer URLs, client URLs, learner. Then how many learners
# the etcd of this host allows at once, as it was started: 1 where it was not said.
set -eu
set -a
. /etc/holdfast/etcdctl
set +a
etcdctl member list --command-timeout=5s -w simple
tr '\0' '\n' <"/proc/$(pgrep -xo etcd)/cmdline" | sed -nE 's/^--(experimental-)?max-learners=/max-learners /p'
