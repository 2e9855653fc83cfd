# Saves this member's data, checks the file, and uploads it compressed. Prints what the manifest says of it. A job
# (functions/hosts/documents/job.sh): its folder is on the root volume, never on etcd's.
set -a
. /etc/holdfast/member
. /etc/holdfast/etcdctl
set +a
export AWS_DEFAULT_REGION=$REGION
trap 'rm -f status.json snapshot.db snapshot.db.part snapshot.db.gz' EXIT
etcdctl snapshot save snapshot.db --command-timeout=20m >&2
# The file is read for its status while it is compressed and uploaded.
etcdutl snapshot status snapshot.db -w json >status.json &
gzip -1 <snapshot.db | tee snapshot.db.gz |
  aws s3 cp - "s3://{{ bucket }}/{{ prefix }}snapshot.db.gz" --only-show-errors \
    --checksum-algorithm SHA256 --sse aws:kms --sse-kms-key-id "{{ key }}" >&2
wait $!
# Since 3.6 the file's own hash can be computed, as members compute theirs.
hashkv=null
if etcdutl hashkv --help >/dev/null 2>&1; then hashkv=$(etcdutl hashkv snapshot.db -w json) || hashkv=null; fi
sha256=$(sha256sum snapshot.db.gz | cut -d ' ' -f 1)
bytes=$(stat -c %s snapshot.db.gz)
printf '{"status":%s,"hashkv":%s,"bytes":%s,"sha256":"%s"}\n' "$(<status.json)" "$hashkv" "$bytes" "$sha256"
