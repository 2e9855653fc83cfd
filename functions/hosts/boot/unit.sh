set -eu
# Boot is a unit: begun again after a failure or a power cut, from the top, until it has succeeded once. cloud-init, which runs
# user data once, only installs it.
if [[ ${1-} != unit ]]; then
  install -D -m 0700 "$0" /usr/local/sbin/holdfast-boot
  cat >/etc/systemd/system/holdfast-boot.service <<'EOF'
[Unit]
Description=Holdfast boot
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/etc/holdfast/booted
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/sbin/holdfast-boot unit
StandardOutput=journal+console
StandardError=journal+console
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
EOF
  sync
  systemctl daemon-reload
  exec systemctl enable --now --no-block holdfast-boot.service
fi

# The last word of a boot: the unit does not begin again.
booted() {
  touch /etc/holdfast/booted
  sync
  say "$*"
}
