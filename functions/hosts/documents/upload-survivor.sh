# Puts the file that "snapshot-survivor" has made where all masters fetch it.
. /etc/holdfast/member
export AWS_DEFAULT_REGION=$REGION
kept=/var/lib/holdfast/survivor-{{ token }}.db.gz
aws s3 cp "$kept" "{{ url }}" --only-show-errors --checksum-algorithm SHA256 --sse aws:kms --sse-kms-key-id "{{ key }}"
printf '{"sha256":"%s"}\n' "$(sha256sum "$kept" | cut -d' ' -f1)"
