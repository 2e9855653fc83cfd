# Puts the cluster's add-ons on the API server: manifests, and charts rendered by Helm. There is no release that could get stuck
# half-way, so doing it again, on whichever master, changes nothing. functions/domain/releases/add-ons.ts says what a line holds.
set -euo pipefail
exec 2>&1 # what went wrong is all that is read of it
export KUBECONFIG=/etc/kubernetes/admin.conf HOME=/root
# One at a time here: a second run may begin while the first still fetches Helm.
exec 9>/run/holdfast-add-ons
flock -w 120 9
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Only what Holdfast was built with, by its SHA-256 sum: no mirror decides what runs here as administrator of the cluster.
fetch() {
  local url=$1 sum=$2 into=$3
  curl -fsSL -o "$into" "$url" || return
  sha256sum --check --quiet <<<"$sum  $into" && return
  rm -f "$into"
  echo "refused: $url has not the SHA-256 sum $sum that Holdfast was built with"
  return 1
}

install_helm() {
  local machine=amd64 sum={{ helmAmd64 }}
  [[ $(uname -m) != aarch64 ]] || machine=arm64 sum={{ helmArm64 }}
  fetch "https://get.helm.sh/helm-v{{ helmVersion }}-linux-$machine.tar.gz" "$sum" "$work/helm.tar.gz" &&
    tar -xzf "$work/helm.tar.gz" -C "$work" &&
    install "$work/linux-$machine/helm" /usr/local/bin
}
command -v helm >/dev/null || install_helm
version=$(sed -n 's/^kubernetesVersion: //p' /etc/kubernetes/kubeadm.yaml)

apply() { kubectl apply --server-side --force-conflicts --field-manager=holdfast -f "$1"; }

add_on() {
  local name=$1 namespace=$2 url=$3 sum=$4 values=$5 replace=$6 on_host=$7
  local fetched=$work/$name-${url##*/} objects=$work/$name.objects.yaml try
  fetch "$url" "$sum" "$fetched" || return
  if [[ $values == - ]]; then
    sed "s|${replace% *}|${replace#* }|" "$fetched" >"$objects" # "-" is replaced by itself
  else
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: "%s"}\n' "$namespace" >"$objects"
    helm template "$name" "$fetched" --namespace "$namespace" --kube-version "$version" --include-crds --no-hooks \
      --values - <<<"$values" >>"$objects" || return
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
while IFS=$'\t' read -r name namespace url sum values replace on_host; do
  add_on "$name" "$namespace" "$url" "$sum" "$values" "$replace" "$on_host" &
  running+=($!)
done < <(base64 -d <<<'{{ addOns }}')
failed=0
for add_on in "${running[@]}"; do wait "$add_on" || failed=1; done
((failed == 0))
echo installed
