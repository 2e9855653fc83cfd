# Its agent answers before its boot has ended; until then etcd may not be there.
end=$((SECONDS + 900))
until [[ -e /etc/holdfast/booted ]]; do
  ((SECONDS < end)) || {
    echo "the host has not finished its boot within 15 minutes" >&2
    exit 1
  }
  sleep 1
done
