# Waits, 4 seconds at most, until this member commits reads, or has refused its volume: most are ready soon, and a function waits
# for the answer. What follows is "member-health", whose answer must come within the 8 seconds that the step waits for it.
end=$((SECONDS + 4))
# By its metrics' address, which says at once that nobody listens yet; etcdctl would wait for two seconds.
well() { [[ $(curl -s -m 1 http://127.0.0.1:2381/health) == *'"health":"true"'* ]]; }
until [[ -e /etc/holdfast/refused ]] || well || ((SECONDS >= end)); do sleep 0.1; done
