# Turns a fresh instance into the master of one slot: the member's volume, etcd, then Kubernetes. May be begun again anywhere
# (unit.sh); what must survive a reboot is a systemd unit or a line in /etc/fstab.
# Also set: PARAMETERS CLUSTER_UID TABLE INSTANCES MEMBER ADDRESS INITIAL_CLUSTER ENDPOINT POD_CIDR SERVICE_CIDR
# ALLOCATE_NODE_CIDRS.

# 0. Software that the image lacks: etcd at once, Kubernetes while etcd starts.
has etcd || try_for 600 install_etcd
if lacks_kubernetes; then
  try_for 600 install_kubernetes &
  KUBERNETES_COMES=$!
fi

MOUNT=/var/lib/etcd
IDENTITY=$MOUNT/holdfast-identity

# 1. The volume. All parameters of a master come in one call, since each start of the CLI takes a small instance its time: the
#    cluster's authorities and this member's certificates as files, and a line that says which volume is meant, of which
#    generation, and whether it is still blank ("new"). The first line names the parameters that are missing.
install -m 0600 /dev/null /run/holdfast-parameters
fetch() {
  aws ssm get-parameters --names "$PARAMETERS/masters/"{shared,"$MEMBER","$MEMBER-volume"} --with-decryption \
    --query '[InvalidParameters, Parameters[].[Value]][]' --output text >/run/holdfast-parameters &&
    ! grep "^$PARAMETERS/" /run/holdfast-parameters
}
try_for 300 fetch
read -r VOLUME_ID GENERATION VOLUME_STATE < <(grep '^vol-' /run/holdfast-parameters)
# "hold" and "hold-new": the cluster is being restored. The volume is mounted, and documents start the rest when its turn comes.
[[ $VOLUME_STATE != hold* ]] || touch /etc/holdfast/hold-{etcd,kubernetes}
# Nitro names a volume by its id. Xen (t2, m3, m4) knows only the name with which it was attached.
DEVICE=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME_ID/-/}
[[ $(cat /sys/hypervisor/type 2>/dev/null) != xen ]] || DEVICE=/dev/xvdf
cat >/etc/holdfast/member <<EOF
CLUSTER=$CLUSTER
CLUSTER_UID=$CLUSTER_UID
MEMBER=$MEMBER
INSTANCE_ID=$INSTANCE_ID
TABLE=$TABLE
HEARTBEAT=HEARTBEAT#$CLUSTER_UID#$INSTANCES$INSTANCE_ID
VOLUME_ID=$VOLUME_ID
DEVICE=$DEVICE
GENERATION=$GENERATION
PARAMETERS=$PARAMETERS
REGION=$REGION
EOF
cat >/etc/holdfast/etcdctl <<EOF
ETCDCTL_API=3
ETCDCTL_ENDPOINTS=https://127.0.0.1:2379
ETCDCTL_CACERT=/etc/kubernetes/pki/etcd/ca.crt
ETCDCTL_CERT=/etc/kubernetes/pki/apiserver-etcd-client.crt
ETCDCTL_KEY=/etc/kubernetes/pki/apiserver-etcd-client.key
EOF

# A volume that is not this member's is left as it is; the control plane reads why and decides.
rm -f /etc/holdfast/refused
refuse() {
  say "refused: $*"
  echo "$*" >/etc/holdfast/refused
  # A boot that begins again would find the same.
  exit 0
}

say "member $MEMBER of $CLUSTER waits for $VOLUME_ID"
started=$SECONDS
until [[ -e $DEVICE ]]; do
  if ((SECONDS - started >= 1800)); then
    say "the volume did not come within 30 minutes"
    exit 1
  fi
  sleep 0.05
done

if ! blkid "$DEVICE" >/dev/null; then
  # A file system is made only where the control plane said that there is none yet: never over data.
  [[ $VOLUME_STATE == *new ]] || refuse "$VOLUME_ID is blank, but member $MEMBER had data on it"
  mkfs.ext4 -q -L holdfast-etcd "$DEVICE"
fi
mkdir -p "$MOUNT"
# Below the mount point nothing can be written: not every file system can keep that.
mountpoint -q "$MOUNT" || chattr +i "$MOUNT" 2>/dev/null || say "$MOUNT can be written unmounted"
grep -q "^$DEVICE " /etc/fstab ||
  echo "$DEVICE $MOUNT ext4 defaults,nofail,x-systemd.device-timeout=30min,x-systemd.device-bound 0 2" >>/etc/fstab
mountpoint -q "$MOUNT" || mount "$DEVICE" "$MOUNT"

# Cluster, member, generation, volume. The last identifies a copy restored from a snapshot: it may be older than what
# this member has promised to the others.
EXPECTED="$CLUSTER_UID $MEMBER $GENERATION $VOLUME_ID"
if [[ ! -e $IDENTITY ]]; then
  [[ $VOLUME_STATE == *new ]] || refuse "$VOLUME_ID carries no identity, but member $MEMBER had data on it"
  # Whole or not at all, should the power be cut.
  echo "$EXPECTED" >"$IDENTITY.new"
  sync "$IDENTITY.new"
  mv "$IDENTITY.new" "$IDENTITY"
elif [[ $(<"$IDENTITY") != "$EXPECTED" && $VOLUME_STATE$(<"$IDENTITY") != hold*"$CLUSTER_UID $MEMBER "*" $VOLUME_ID" ]]; then
  found=$(<"$IDENTITY")
  [[ ${found% *} != "${EXPECTED% *}" ]] || refuse "$VOLUME_ID is a copy of ${found##* }, perhaps an older one"
  refuse "$VOLUME_ID belongs to $found, not to $EXPECTED"
fi

# 2. Certificates.
grep -v '^vol-' /run/holdfast-parameters | write_files
rm /run/holdfast-parameters

# 3. etcd. The data directory decides: with data it is a restart, and the initial-* settings are ignored.
# What etcd sends to a silent peer is given up after 13 s, so that the peer hears again as soon as it is back. etcd's own time-out of
# 5 s has no effect since 3.5 (etcd #18052), and Linux would try for a quarter of an hour, with pauses of up to two minutes.
mkdir -p /etc/sysctl.d
echo net.ipv4.tcp_retries2=5 >/etc/sysctl.d/90-holdfast.conf
sysctl -q -p /etc/sysctl.d/90-holdfast.conf
install -d -m 0700 "$MOUNT/data"
# etcd serves its member's volume or nothing: looked at before each start, and every five seconds. Says what is wrong.
mkdir -p /usr/local/bin
cat >/usr/local/bin/holdfast-volume <<'EOF'
#!/bin/bash
. /etc/holdfast/member
mount=/var/lib/etcd
no() {
  echo "volume $VOLUME_ID $*"
  exit 1
}
[[ -e $DEVICE ]] || no "is not attached"
# By device number: a name is given to another volume once it is free.
mountpoint -q $mount && [[ $(mountpoint -d $mount) == "$(mountpoint -x "$DEVICE")" ]] || no "is not mounted"
[[ $(cat $mount/holdfast-identity 2>&1) == "$CLUSTER_UID $MEMBER $GENERATION $VOLUME_ID" ]] || no "has not its identity"
[[ -w $mount/data ]] || no "cannot be written"
[[ ${1-} != start ]] || { date >$mount/.start && sync $mount/.start; } || no "cannot be written"
EOF
chmod 0755 /usr/local/bin/holdfast-volume
# At most 40 % of a small volume: etcd must raise its alarm before the disk is full, which would end it.
QUOTA=$(df -B1 --output=size "$MOUNT" | awk 'NR == 2 { q = $1 * 0.4; printf "%.0f", q < 8589934592 ? q : 8589934592 }')
# A later generation is a fresh volume of a member that was added again to a cluster that runs.
if ((GENERATION > 1)); then CLUSTER_STATE=existing; else CLUSTER_STATE=new; fi
cat >/etc/systemd/system/etcd.service <<EOF
[Unit]
Description=etcd member $MEMBER of $CLUSTER
BindsTo=var-lib-etcd.mount
After=var-lib-etcd.mount
ConditionPathExists=!/etc/holdfast/hold-etcd
StartLimitIntervalSec=0

[Service]
ExecStartPre=/usr/local/bin/holdfast-volume start
ExecStart=/usr/bin/env etcd \\
  --name=$MEMBER --data-dir=$MOUNT/data \\
  --initial-cluster-token=$CLUSTER_UID --initial-cluster=$INITIAL_CLUSTER --initial-cluster-state=$CLUSTER_STATE \\
  --listen-peer-urls=https://$ADDRESS:2380 --initial-advertise-peer-urls=https://$ADDRESS:2380 \\
  --listen-client-urls=https://$ADDRESS:2379,https://127.0.0.1:2379 --advertise-client-urls=https://$ADDRESS:2379 \\
  --listen-metrics-urls=http://127.0.0.1:2381 \\
  --client-cert-auth --trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt \\
  --cert-file=/etc/kubernetes/pki/etcd/server.crt --key-file=/etc/kubernetes/pki/etcd/server.key \\
  --peer-client-cert-auth --peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt \\
  --peer-cert-file=/etc/kubernetes/pki/etcd/server.crt --peer-key-file=/etc/kubernetes/pki/etcd/server.key \\
  --quota-backend-bytes=$QUOTA $(etcd_flags)
Restart=always
RestartSec=1
TimeoutStopSec=15
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
systemctl enable --now etcd.service
say "etcd member $MEMBER started"

# 4. The heartbeat: this member's health, written by itself to an item that only this instance may write. When it changes,
#    and once a minute; the reconciler looks at these instead of asking every host.
cat >/usr/local/bin/holdfast-heartbeat <<'EOF'
#!/bin/bash
set -u
set -a
. /etc/holdfast/member
. /etc/holdfast/etcdctl
set +a
export AWS_DEFAULT_REGION=$REGION
api_ready() { curl -sf -m 4 --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/readyz >/dev/null; }
# What is wrong with Kubernetes here; nothing is said of an API server whose etcd is not healthy.
kubernetes_problem() {
  if [[ ! -e /etc/holdfast/booted ]]; then echo boot
  elif [[ -n $(df -P / | awk 'NR == 2 && $4 < 65536') ]]; then echo disk
  elif ! curl -sf -m 2 http://127.0.0.1:10248/healthz >/dev/null; then echo kubelet
  elif [[ $now == true ]] && ! api_ready; then echo api-server
  fi
}
# The metrics' address answers for alarms, which "endpoint health" did not before etcd 3.5.
etcd_healthy() {
  etcdctl endpoint health --dial-timeout=1s --command-timeout=2s >/dev/null 2>&1 &&
    [[ $(curl -s -m 2 http://127.0.0.1:2381/health) != *'"false"'* ]]
}
# When the first certificate in use expires; looked at each hour, kept where documents read it.
certificates() {
  for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt; do
    [[ $file == *ca.crt ]] || date -d "$(openssl x509 -noout -enddate -in "$file" | cut -d= -f2)" +%s
  done | sort -n | head -n 1 >/run/holdfast-certificates
}
# etcd's id of the cluster whose data it serves: asked once of each process.
cluster_id() {
  local pid
  pid=$(pgrep -xo etcd)
  [[ $pid != "$asked" ]] || return
  asked=
  clusterId=$(etcdctl endpoint status --dial-timeout=1s --command-timeout=2s -w json 2>/dev/null | grep -o '"cluster_id":[0-9]*' | cut -d: -f2)
  [[ -z $clusterId ]] || asked=$pid
}
mounted_at() { systemctl show --property=ActiveEnterTimestampMonotonic --value var-lib-etcd.mount; }
mountedAt=$(mounted_at)
last= written=0 looked=0 since=$(date +%s) healthy= problem= problemSince=$since asked=none clusterId=
while sleep 5; do
  if holdfast-volume; then
    volumeId=$VOLUME_ID
    # systemd ends etcd with its mount, and does not start it when somebody mounts the volume again.
    if [[ $(mounted_at) == "$mountedAt" ]]; then :
    elif systemctl is-active -q etcd.service; then mountedAt=$(mounted_at)
    else systemctl start --no-block etcd.service; fi
  else
    volumeId=
    # Stops it at once; it starts on its own volume or not at all.
    systemctl restart --no-block etcd.service
  fi
  cluster_id
  if [[ -n $volumeId ]] && etcd_healthy; then now=true; else now=false; fi
  problemNow=$(kubernetes_problem)
  time=$(date +%s)
  # Until the boot script has ended, kubeadm has not made all of them.
  if ((time - looked >= 3600)) && [[ -e /etc/holdfast/booted ]]; then certificates && looked=$time; fi
  [[ $now == "$healthy" ]] || healthy=$now since=$time
  [[ $problemNow == "$problem" ]] || problem=$problemNow problemSince=$time
  said="$now $problem $volumeId $clusterId"
  if [[ $said == "$last" ]] && ((time - written < 60)); then continue; fi
  last=$said
  item="{\"pk\":{\"S\":\"$HEARTBEAT\"},\"member\":{\"S\":\"$MEMBER\"},\"instanceId\":{\"S\":\"$INSTANCE_ID\"}"
  item+=",\"kubernetesProblem\":{\"S\":\"$problem\"},\"kubernetesSince\":{\"N\":\"$problemSince\"}"
  [[ ! -s /run/holdfast-certificates ]] || item+=",\"certificatesUntil\":{\"N\":\"$(</run/holdfast-certificates)\"}"
  [[ -z $volumeId ]] || item+=",\"volumeId\":{\"S\":\"$volumeId\"}"
  [[ -z $clusterId ]] || item+=",\"clusterId\":{\"S\":\"$clusterId\"}"
  item+=",\"healthy\":{\"BOOL\":$now},\"since\":{\"N\":\"$since\"},\"at\":{\"N\":\"$time\"},\"expiresAt\":{\"N\":\"$((time + 86400))\"}}"
  aws dynamodb put-item --table-name "$TABLE" --item "$item" && written=$time
done
EOF
chmod 0755 /usr/local/bin/holdfast-heartbeat
cat >/etc/systemd/system/holdfast-heartbeat.service <<EOF
[Unit]
Description=health of etcd member $MEMBER, for Holdfast

[Service]
ExecStart=/usr/local/bin/holdfast-heartbeat
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
systemctl enable --now holdfast-heartbeat.service

# 5. Kubernetes: this host's own part of "kubeadm init". What is there once a cluster (kubeadm's ConfigMaps, CoreDNS, kube-proxy)
#    is made once, by the document finish-control-plane: init would put it back to its own templates at each boot.
[[ -z ${KUBERNETES_COMES-} ]] || wait "$KUBERNETES_COMES"
cat >/etc/kubernetes/kubeadm.yaml <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: $ADDRESS
  bindPort: 6443
$(node_registration)
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: $CLUSTER
kubernetesVersion: $KUBERNETES_VERSION
controlPlaneEndpoint: $ENDPOINT:443
networking:
  podSubnet: $POD_CIDR
  serviceSubnet: $SERVICE_CIDR
etcd:
  external:
    # Its own alone: requests that are spread over all members hang with one that is silent.
    endpoints: ["https://127.0.0.1:2379"]
    caFile: /etc/kubernetes/pki/etcd/ca.crt
    certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
apiServer:
  certSANs: [$ENDPOINT, api.$CLUSTER, $ADDRESS, 127.0.0.1]
controllerManager:
  extraArgs:
    - name: allocate-node-cidrs
      value: "$ALLOCATE_NODE_CIDRS"
EOF
# kubeadm gives up after minutes, and nobody can say when there is a quorum, or when a learner is promoted.
commits() { (set -a && . /etc/holdfast/etcdctl && etcdctl endpoint health --command-timeout=5s) >/dev/null 2>&1; }
until [[ ! -e /etc/holdfast/hold-kubernetes ]] && commits; do sleep 1; done
# What an earlier try left (files, a port in use) is no reason to refuse, as kubeadm's checks beforehand would.
# Nobody joins by a token, so none is made or printed (nodes: node.sh).
try_for 600 kubeadm init --config /etc/kubernetes/kubeadm.yaml --ignore-preflight-errors=all \
  --skip-phases=upload-config,addon,bootstrap-token,show-join-command
booted "master $MEMBER is up"
