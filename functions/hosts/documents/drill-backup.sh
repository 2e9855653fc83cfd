# Proves that a backup is of use, on a host of its own: restores it, starts etcd there, and reads every key that Kubernetes has.
# shellcheck disable=SC2154 # own-etcd.sh and open-backup.sh set them
fetch_file
open_backup
revision=$(ctl endpoint status -w json | number revision)
keys=$(live_keys)
# As the members' own hashes at this revision, if both run from the same compacted revision on.
hashkv=null
if said=$(ctl endpoint hashkv --rev "$revision" -w json 2>/dev/null) && hash=$(number hash <<<"$said"); then
  compacted=$(number compact_revision <<<"$said" || echo 0)
  hashkv="{\"hash\":$hash,\"compactRevision\":${compacted:-0}}"
fi

# All keys, a page at a time: "fields" quotes a key and its value on a line each.
pages() {
  local from=/registry/
  while :; do
    ctl get "$from" /registry0 --limit=200 -w fields >"$work/page"
    cat "$work/page"
    grep -q '^"More" : true' "$work/page" || return 0
    from=$(sed -n 's/^"Key" : "\(.*\)"$/\1/p' "$work/page" | tail -n 1 | sed 's/\\\(["\\]\)/\1/g')$'\001'
  done
}
# How Kubernetes stores: protobuf after "k8s" and a zero byte, encrypted after "k8s:enc:PROVIDER:VERSION:KEY:", or JSON (custom
# resources and their definitions). The kind follows /registry/, or the group that does.
pages | awk '
  /^"Key" : / { key = substr($0, 10, length($0) - 10) }
  /^"Value" : / {
    value = substr($0, 12, 200)
    split(key, part, "/")
    kind = part[3] ~ /[.]/ ? part[3] "/" part[4] : part[3]
    gsub(/[^A-Za-z0-9._\/-]/, "?", kind)
    kinds[kind]++
    if (value ~ /^k8s:enc:/) { split(value, word, ":"); by[word[5]]++ }
    else if (value !~ /^k8s\\x00/ && value !~ /^[{]/) {
      gsub(/[^A-Za-z0-9._:\/@-]/, "?", key)
      if (unknown++ < 5) print "unknown " key
    }
  }
  END {
    for (kind in kinds) print "kind " kinds[kind] " " kind
    for (name in by) { gsub(/[^A-Za-z0-9._-]/, "?", name); print "by " name }
    print "count " unknown + 0
  }' >"$work/found"
list() { sed -n "s/^$1 \(.*\)/\"\1\"/p" "$work/found" | sort | paste -sd,; }
# The output of a command has 24,000 characters.
kinds=$(sed -n 's/^kind //p' "$work/found" | sort -rn | head -n 300 | sed 's/^\([0-9]*\) \(.*\)/"\2":\1/' | paste -sd,)
printf '{"file":%s,"revision":%s,"keys":%s,"hashkv":%s,"kinds":{%s},"unknown":[%s],"unknownCount":%s,"encryptedBy":[%s]}\n' \
  "$status" "$revision" "$keys" "$hashkv" "$kinds" "$(list unknown)" "$(sed -n 's/^count //p' "$work/found")" "$(list by)"
