# What a stock image lacks, from its makers: nothing on an image that was prepared (docs/images.md). Amazon Linux and Ubuntu
# are known. Each function may be tried again. Also set: KUBERNETES_VERSION, and on masters ETCD_VERSION.

has() { command -v "$1" >/dev/null; }

install_packages() {
  if has dnf; then dnf install -qy "$@"; else DEBIAN_FRONTEND=noninteractive apt-get install -qqy "$@"; fi
}

# Kubernetes' own packages, of one minor version.
add_repository() {
  local from=https://pkgs.k8s.io/core:/stable:/${KUBERNETES_VERSION%.*}
  if has dnf; then
    printf '%s\n' '[kubernetes]' name=Kubernetes "baseurl=$from/rpm/" enabled=1 gpgcheck=1 \
      "gpgkey=$from/rpm/repodata/repomd.xml.key" >/etc/yum.repos.d/kubernetes.repo
  else
    mkdir -p /etc/apt/keyrings &&
      curl -fsSL -o /etc/apt/keyrings/kubernetes.asc "$from/deb/Release.key" &&
      echo "deb [signed-by=/etc/apt/keyrings/kubernetes.asc] $from/deb/ /" >/etc/apt/sources.list.d/kubernetes.list &&
      apt-get update -qq
  fi
}

install_kubernetes() {
  local version=${KUBERNETES_VERSION#v} equals
  if has dnf; then equals=-$version; else equals="=$version-*"; fi
  add_repository &&
    install_packages containerd "kubelet$equals" "kubeadm$equals" "kubectl$equals" &&
    printf '%s\n' overlay br_netfilter >/etc/modules-load.d/kubernetes.conf &&
    modprobe -a overlay br_netfilter &&
    printf '%s = 1\n' net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables >/etc/sysctl.d/90-kubernetes.conf &&
    sysctl -q --system &&
    mkdir -p /etc/systemd/networkd.conf.d &&
    printf '%s\n' '[Network]' ManageForeignRoutes=no ManageForeignRoutingPolicyRules=no \
      >/etc/systemd/networkd.conf.d/90-kubernetes.conf &&
    { ! systemctl -q is-active systemd-networkd || systemctl restart systemd-networkd; } &&
    mkdir -p /etc/containerd &&
    containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/' >/etc/containerd/config.toml &&
    systemctl enable containerd kubelet &&
    systemctl restart containerd
}

# Into place only once its sums are right.
install_etcd() {
  local from=https://github.com/etcd-io/etcd/releases/download/v$ETCD_VERSION name into
  case $(uname -m) in aarch64) name=arm64 ;; *) name=amd64 ;; esac
  name=etcd-v$ETCD_VERSION-linux-$name
  into=$(mktemp -d) &&
    curl -fsSL --output-dir "$into" -O "$from/$name.tar.gz" -O "$from/SHA256SUMS" &&
    (cd "$into" && sha256sum --check --ignore-missing --quiet SHA256SUMS) &&
    tar -xzf "$into/$name.tar.gz" -C "$into" &&
    install "$into/$name/etcdctl" "$into/$name/etcdutl" "$into/$name/etcd" /usr/bin
}

install_aws() { install_packages awscli || snap install aws-cli --classic; }

has aws || try_for 300 install_aws
