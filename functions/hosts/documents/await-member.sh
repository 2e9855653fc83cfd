# Waits, 12 seconds at most, until this member commits reads, or is a learner, or has refused its volume, or has ended itself so
# often that it is waited for no longer than five seconds (CRASHES in functions/domain/repair/member-report.ts): one command that waits here stands for many
# that ask, and no function waits for it. What follows is "member-health".
end=$((SECONDS + 12)) settled=$((SECONDS + 5))
crashed() {
  local times
  ((SECONDS >= settled)) || return 1
  times=$(systemctl show etcd.service --property=NRestarts --value 2>/dev/null)
  ((${times:-0} >= 3))
}
# By its metrics' address, which says at once that nobody listens yet; etcdctl would wait for two seconds.
healthy() { [[ $(curl -s -m 1 http://127.0.0.1:2381/health) == *'"health":"true"'* ]]; }
until [[ -e /etc/holdfast/refused ]] || healthy || crashed || ((SECONDS >= end)); do sleep 0.1; done
