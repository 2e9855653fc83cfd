# Fetches a backup's file to snapshot.db in $work, if it is the one that was meant.
# shellcheck disable=SC2154 # own-etcd.sh sets them
fetch_file() {
  local sum said
  aws s3 cp "{{ url }}" "$work/file.gz" --only-show-errors
  sum=$(sha256sum "$work/file.gz" | cut -d' ' -f1)
  [[ $sum == "{{ sha256 }}" ]] || faulty "the file is not the one that was taken: its SHA-256 sum is $sum"
  said=$(gunzip -c "$work/file.gz" 2>&1 >"$work/snapshot.db") || {
    enough_space "$said"
    faulty "the file is truncated, or is no gzip"
  }
  rm "$work/file.gz"
}
