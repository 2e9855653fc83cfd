# Puts the cluster's add-ons on the API server: manifests, and charts rendered by Helm. There is no release that could get stuck
# half-way, so doing it again, on whichever master, changes nothing. functions/domain/add-ons.ts says what a line holds.
set -euo pipefail
exec 2>&1 # what went wrong is all that is read of it
export KUBECONFIG=/etc/kubernetes/admin.conf HOME=/root
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Into place only once its sum is right.
install_helm() {
  local machine=amd64 from file
  [[ $(uname -m) != aarch64 ]] || machine=arm64
  file=helm-v$1-linux-$machine.tar.gz from=https://get.helm.sh
  curl -fsSL --output-dir "$work" -O "$from/$file" -O "$from/$file.sha256" &&
    (cd "$work" && echo "$(cut -d' ' -f1 "$file.sha256")  $file" | sha256sum --check --quiet) &&
    tar -xzf "$work/$file" -C "$work" &&
    install "$work/linux-$machine/helm" /usr/local/bin
}
command -v helm >/dev/null || install_helm {{ helmVersion }}
version=$(sed -n 's/^kubernetesVersion: //p' /etc/kubernetes/kubeadm.yaml)

apply() { kubectl apply --server-side --force-conflicts --field-manager=holdfast -f "$1"; }

add_on() {
  local name=$1 namespace=$2 from=$3 chart=$4 chart_version=$5 values=$6 on_host=$7 objects=$work/$1.yaml try
  if [[ $chart == - ]]; then
    objects=$from
  else
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: "%s"}\n' "$namespace" >"$objects"
    helm template "$name" "$chart" --repo "$from" --version "$chart_version" --namespace "$namespace" \
      --kube-version "$version" --include-crds --no-hooks --values - <<<"$values" >>"$objects" || return
  fi
  # An object whose kind another of the objects brings is refused until the server knows that kind.
  for try in 1 2 3 4 5 0; do
    apply "$objects" && break
    ((try > 0)) || return
    sleep "$try"
  done
  [[ $on_host == - ]] || kubectl patch deployment "$on_host" --namespace "$namespace" --type merge \
    --field-manager=holdfast-host -p '{"spec":{"template":{"spec":{"hostNetwork":true}}}}'
}

running=()
while IFS=$'\t' read -r name namespace from chart chart_version values on_host; do
  add_on "$name" "$namespace" "$from" "$chart" "$chart_version" "$values" "$on_host" &
  running+=($!)
done < <(base64 -d <<<'{{ addOns }}')
failed=0
for add_on in "${running[@]}"; do wait "$add_on" || failed=1; done
((failed == 0))
echo installed
