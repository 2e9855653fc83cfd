# Fetches a backup's file to snapshot.db in $work, if it is the one that was meant.
# shellcheck disable=SC2154 # own-etcd.sh sets them
fetch_file() {
  local sum
  aws s3 cp "{{ url }}" "$work/file.gz" --only-show-errors
  sum=$(sha256sum "$work/file.gz" | cut -d' ' -f1)
  [[ $sum == "{{ sha256 }}" ]] || {
    echo "the file is not the one that was taken: its SHA-256 sum is $sum" >&2
    exit 1
  }
  gunzip -c "$work/file.gz" >"$work/snapshot.db" || {
    echo "the file is truncated, or is no gzip" >&2
    exit 1
  }
  rm "$work/file.gz"
}
