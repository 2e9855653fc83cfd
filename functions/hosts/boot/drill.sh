# Turns a fresh instance into the host of one drill: etcd and nothing else. It powers itself off, which terminates it, also where
# nobody is left to end it. Also set: POWER_OFF_MINUTES.
if has shutdown; then
  shutdown -P "+$POWER_OFF_MINUTES" || say "it does not power itself off"
fi
cat >/etc/holdfast/member <<EOT
MEMBER=drill
REGION=$REGION
EOT
has etcdutl || try_for 600 install_etcd
booted "the host of a drill is up"
