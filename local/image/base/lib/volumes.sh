# What the stand-ins for disk tools know of volumes. A volume is a directory below /dev/volumes: a file system on it is
# "superblock.json" with "data/" beside it; a blank volume has neither.

# device_of NAME: the canonical path of a volume named by a device path, LABEL= or UUID=; fails if it is no volume.
device_of() {
  local wanted device
  case $1 in
    LABEL=* | UUID=*)
      wanted=${1#*=}
      for device in /dev/volumes/*/; do
        device=${device%/}
        [[ $(field "$device" "${1%%=*}") == "${wanted//\"/}" ]] && echo "$device" && return
      done
      return 1
      ;;
  esac
  device=$(readlink -f -- "$1") && [[ $device == /dev/volumes/* && -d $device ]] && echo "$device"
}

# field DEVICE LABEL|UUID|TYPE: what the superblock says; empty for a blank volume.
field() {
  [[ -e $1/superblock.json ]] || return 1
  sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1/superblock.json"
}

# write_superblock DEVICE LABEL UUID
write_superblock() {
  printf '{"TYPE":"ext4","LABEL":"%s","UUID":"%s"}\n' "$2" "$3" >"$1/.superblock.new"
  sync -d "$1/.superblock.new"
  mv "$1/.superblock.new" "$1/superblock.json"
}

# serial DEVICE: the EBS volume's id without its dash, as NVMe reports it.
serial() {
  local link
  for link in /dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_*; do
    [[ $(readlink -f "$link") == "$1" ]] && echo "${link##*_}" && return
  done
}

# mount_points DEVICE: where its data is mounted, one a line.
mount_points() {
  local root
  root=$(awk -v device="$1" '$5 == device { print $4 }' /proc/self/mountinfo | tail -n 1)
  [[ -n $root ]] && awk -v data="$root/data" '$4 == data { print $5 }' /proc/self/mountinfo
}

# device_number DEVICE: as the kernel would give it; the directory's inode stands for the minor number.
device_number() {
  echo "259:$(stat -c %i "$1")"
}
