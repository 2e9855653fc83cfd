# Waits, 15 seconds at most, until this member commits reads, or is a learner, or has refused its volume: one command that waits here
# stands for many that ask. What follows is "member-health".
end=$((SECONDS + 15))
well() (
  set -a
  . /etc/holdfast/etcdctl 2>/dev/null || exit 1
  etcdctl endpoint health --dial-timeout=1s --command-timeout=2s >/dev/null 2>&1 && exit 0
  etcdctl endpoint status --dial-timeout=1s --command-timeout=2s -w json 2>/dev/null | grep -q '"isLearner":true'
)
until [[ -e /etc/holdfast/refused ]] || well || ((SECONDS >= end)); do sleep 0.1; done
