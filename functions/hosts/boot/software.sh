# What a stock image lacks, from its makers: nothing on an image that was prepared (docs/images.md). Amazon Linux and Ubuntu
# are known. Each function may be tried again. Also set: KUBERNETES_VERSION, KUBERNETES_KEY
# (the fingerprint), MIN_CONTAINERD, and on masters ETCD_VERSION with ETCD_SHA256_AMD64 and ETCD_SHA256_ARM64.

has() { command -v "$1" >/dev/null; }

# Also where an installation was cut off.
lacks_kubernetes() { ! has kubeadm || [[ -e /etc/holdfast/installing ]]; }

# Flags that etcd's versions know by different names, or not at all: one that it does not know ends it. They find a member whose
# data differs from the others', as kubeadm's own etcd does, and let the API server's caches follow (kubeadm, etcd.go). Two learners
# at once (3.6 and later) keep the time with two voters short when one master becomes three; members must agree on how many.
etcd_flags() {
  case $(etcd --version | sed -n 's/^etcd Version: //p') in
    3.[0-4].*) ;;
    3.5.[0-4]) echo --experimental-initial-corrupt-check=true --experimental-watch-progress-notify-interval=5s ;;
    3.5.*)
      echo --experimental-initial-corrupt-check=true --experimental-compact-hash-check-enabled=true \
        --experimental-watch-progress-notify-interval=5s
      ;;
    *)
      echo --feature-gates=InitialCorruptCheck=true,CompactHashCheck=true --watch-progress-notify-interval=5s --max-learners=2
      ;;
  esac
}

install_packages() {
  if has dnf; then
    dnf install -qy "$@"
  else
    # An installation that was cut off is finished first.
    export DEBIAN_FRONTEND=noninteractive
    dpkg --configure -a && apt-get install -qqy "$@"
  fi
}

# Writes the one key that may sign Kubernetes' packages, and nothing else of what comes from the address.
add_key() {
  local from=$1 to=$2 ring
  ring=$(mktemp -d) && curl -fsSL -o "$ring/fetched" "$from" || return
  gpg --batch --quiet --homedir "$ring" --import "$ring/fetched" &&
    gpg --batch --quiet --homedir "$ring" --armor --output "$ring/key" --export "$KUBERNETES_KEY" &&
    install -D -m 644 "$ring/key" "$to" && return
  say "refused: $from is not the key $KUBERNETES_KEY that Holdfast was built with"
  return 1
}

# Kubernetes' own packages, of one minor version.
add_repository() {
  local from=https://pkgs.k8s.io/core:/stable:/${KUBERNETES_VERSION%.*}
  if has dnf; then
    add_key "$from/rpm/repodata/repomd.xml.key" /etc/pki/rpm-gpg/kubernetes.asc &&
      printf '%s\n' '[kubernetes]' name=Kubernetes "baseurl=$from/rpm/" enabled=1 gpgcheck=1 \
        gpgkey=file:///etc/pki/rpm-gpg/kubernetes.asc >/etc/yum.repos.d/kubernetes.repo
  else
    add_key "$from/deb/Release.key" /etc/apt/keyrings/kubernetes.asc &&
      echo "deb [signed-by=/etc/apt/keyrings/kubernetes.asc] $from/deb/ /" >/etc/apt/sources.list.d/kubernetes.list &&
      apt-get update -qq
  fi
}

# The distribution decides which containerd there is; a kubelet that finds too old a one says so in its log alone.
containerd_will_do() {
  local found
  found=$(containerd --version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
  [[ $(printf '%s\n' "$MIN_CONTAINERD" "$found" | sort -V | head -n 1) != "$MIN_CONTAINERD" ]] || return 0
  say "refused: Kubernetes $KUBERNETES_VERSION needs containerd $MIN_CONTAINERD or newer, the image has $found: choose another"
  return 1
}

install_kubernetes() {
  local version=${KUBERNETES_VERSION#v} equals
  if has dnf; then equals=-$version; else equals="=$version-*"; fi
  touch /etc/holdfast/installing
  add_repository &&
    install_packages containerd "kubelet$equals" "kubeadm$equals" "kubectl$equals" &&
    containerd_will_do &&
    printf '%s\n' overlay br_netfilter >/etc/modules-load.d/kubernetes.conf &&
    modprobe -a overlay br_netfilter &&
    printf '%s = 1\n' net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables >/etc/sysctl.d/90-kubernetes.conf &&
    sysctl -q -p /etc/sysctl.d/90-kubernetes.conf &&
    mkdir -p /etc/systemd/networkd.conf.d &&
    printf '%s\n' '[Network]' ManageForeignRoutes=no ManageForeignRoutingPolicyRules=no \
      >/etc/systemd/networkd.conf.d/90-kubernetes.conf &&
    { ! systemctl -q is-active systemd-networkd || systemctl restart systemd-networkd; } &&
    mkdir -p /etc/containerd &&
    # Some releases leave the option out of their defaults (containerd #12101): it is added, and looked for.
    containerd config default | sed '/SystemdCgroup = /d; /\.runtimes\.runc\.options\]$/a SystemdCgroup = true' \
      >/etc/containerd/config.toml &&
    grep -q '^SystemdCgroup = true' /etc/containerd/config.toml &&
    systemctl enable containerd kubelet &&
    systemctl restart containerd &&
    sync && rm /etc/holdfast/installing
}

# Into place only if it is what Holdfast was built with.
install_etcd() {
  local machine=amd64 sum=$ETCD_SHA256_AMD64 name into
  [[ $(uname -m) != aarch64 ]] || machine=arm64 sum=$ETCD_SHA256_ARM64
  name=etcd-v$ETCD_VERSION-linux-$machine
  into=$(mktemp -d) &&
    curl -fsSL -o "$into/tgz" "https://github.com/etcd-io/etcd/releases/download/v$ETCD_VERSION/$name.tar.gz" || return
  sha256sum --check --quiet <<<"$sum  $into/tgz" || {
    say "refused: $name has not the SHA-256 sum $sum that Holdfast was built with"
    return 1
  }
  # Whole or not at all.
  tar -xzf "$into/tgz" -C "$into" && mkdir -p /usr/bin/.etcd &&
    install -t /usr/bin/.etcd "$into/$name/"{etcdctl,etcdutl,etcd} && sync && mv /usr/bin/.etcd/* /usr/bin
}

install_aws() { install_packages awscli || snap install aws-cli --classic; }

has aws || try_for 300 install_aws
