# Shared by masters and nodes. Variables that the control plane sets precede this text: CLUSTER, REGION.
set -euo pipefail
export AWS_DEFAULT_REGION="$REGION"

# What documents of the control plane read of this host, from the first moment on.
install -d /etc/holdfast

say() { echo "holdfast: $*" >&2; }

# Tries a command until it succeeds, with a pause that grows from one second to ten; gives up after $1 seconds.
try_for() {
  local limit=$1 pause=1 started=$SECONDS
  shift
  until "$@"; do
    if ((SECONDS - started >= limit)); then
      say "gave up after ${limit}s: $*"
      return 1
    fi
    sleep "$pause"
    pause=$((pause < 10 ? pause * 2 : 10))
  done
}

# The metadata service, by a token of its second version, which ends after five minutes.
new_metadata_token() {
  METADATA_TOKEN=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
}
metadata() { curl -sf -H "X-aws-ec2-metadata-token: $METADATA_TOKEN" "http://169.254.169.254/latest/meta-data/$1"; }

read_identity() {
  new_metadata_token &&
    INSTANCE_ID=$(metadata instance-id) &&
    HOST_IP=$(metadata local-ipv4) &&
    ZONE=$(metadata placement/availability-zone)
}

# Writes the files that a parameter holds: each begins with a line "### PATH MODE". Only what masters read of Kubernetes' own
# directory is written, as root: another path or mode ends the boot.
write_files() {
  local path='' mode line
  while IFS= read -r line; do
    if [[ $line == '### '* ]]; then
      read -r _ path mode <<<"$line"
      if [[ ! $path =~ ^/etc/kubernetes/pki(/[A-Za-z0-9][A-Za-z0-9_.-]*)+$ || ! $mode =~ ^0(600|644)$ ]]; then
        say "no file of a master's: $path $mode"
        return 1
      fi
      install -D -m "$mode" /dev/null "$path"
    elif [[ -n $path ]]; then
      printf '%s\n' "$line" >>"$path"
    else
      say "text before the first file"
      return 1
    fi
  done
}

# How kubeadm registers this instance: by its id, so that a replacement never meets its predecessor's Node object; with its
# address, which it would else have only once the cloud controller runs.
node_registration() {
  cat <<EOF
nodeRegistration:
  name: $INSTANCE_ID
  kubeletExtraArgs:
    - name: cloud-provider
      value: external
    - name: node-ip
      value: $HOST_IP
    - name: provider-id
      value: aws:///$ZONE/$INSTANCE_ID
    - name: node-labels
      value: topology.kubernetes.io/zone=$ZONE
EOF
}

try_for 60 read_identity
