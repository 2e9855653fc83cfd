# Only where pods get addresses of the VPC: interfaces come and go, with addresses and rules of their network's own making. The
# host names them and leaves the rest alone (vpc-cni #2103; Amazon Linux makes rules of its own for each).
mkdir -p /etc/systemd/network /etc/udev/rules.d
printf '%s\n' '[Match]' 'OriginalName=*' '[Link]' 'NamePolicy=keep kernel database onboard slot path' \
  'AlternativeNamesPolicy=database onboard slot path' MACAddressPolicy=none >/etc/systemd/network/99-default.link
ln -sf /dev/null /etc/udev/rules.d/99-vpc-policy-routes.rules
udevadm control --reload
