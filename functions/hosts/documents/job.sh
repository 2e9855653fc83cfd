# Runs the script below as a unit of its own, once under the name of the job, and prints one line of JSON that says where it is:
#   {"state":"running","seconds":N,"said":"…"}  it runs on; "said" is the last line of its standard error
#   {"state":"done","result":{…}}               its exit code was 0; "result" is the last line that it printed
#   {"state":"failed","code":N,"said":"…"}      "said" is the end of its standard error; code 137 stands for killed, too
# The same job again starts nothing: it looks, and after the end it reads what the first run left, for a week. A job that ends
# without a word (power cut, time limit) has failed; whoever wants it again gives it another name. This document's own exit code
# is 0 whenever that line was printed. The script runs as root in /var/lib/holdfast/jobs/NAME, which is kept as long as its result.
set -euo pipefail
exec 2>&1
job={{ job }} jobs=/var/lib/holdfast/jobs
unit=holdfast-job-$job.service folder=$jobs/$job
plain() { tr '\n\t' '  ' | tr -cd '[:alnum:] ._:/,()=+%@-' | tail -c 400; }

start() {
  find "$jobs" -mindepth 1 -maxdepth 1 -type d -mmin +10080 -exec rm -rf {} +
  mkdir -m 700 "$folder"
  cat >"$folder/script" <<'HOLDFAST_JOB'
set -euo pipefail
# (the script of the document)
HOLDFAST_JOB
  # The exit code appears last and whole: whoever sees it sees the result.
  # shellcheck disable=SC2016
  systemd-run --quiet --collect --unit="$unit" --working-directory="$folder" --setenv=HOME=/root \
    --property=RuntimeMaxSec={{ timeLimit }} --property=Nice=5 --property=OOMScoreAdjust=500 \
    /bin/bash -c '/bin/bash script >out 2>log; echo $? >.code; sync .code out; mv .code code'
}

install -d -m 700 "$jobs"
exec 9>"$jobs/.lock"
flock -w 20 9
if [[ ! -d $folder ]]; then
  start || { rm -rf "$folder"; echo "the unit of the job could not be started"; exit 1; }
fi
exec 9>&-

# Most jobs are short: one that ends now needs no second command.
end=$((SECONDS + 10))
while [[ ! -e $folder/code ]] && systemctl is-active --quiet "$unit" && ((SECONDS < end)); do sleep 0.2; done
if [[ ! -e $folder/code ]] && systemctl is-active --quiet "$unit"; then
  printf '{"state":"running","seconds":%s,"said":"%s"}\n' \
    $(($(date +%s) - $(stat -c %Y "$folder/script"))) "$(tail -n 1 "$folder/log" | plain)"
  exit 0
fi
code=137
[[ ! -e $folder/code ]] || code=$(<"$folder/code")
result=$(tail -n 1 "$folder/out" 2>/dev/null || true)
if ((code == 0)) && [[ $result == "{"*"}" ]]; then
  printf '{"state":"done","result":%s}\n' "$result"
else
  said=$(plain <"$folder/log" || true)
  ((code != 0)) || said="it printed no line of JSON at its end. $said"
  printf '{"state":"failed","code":%s,"said":"%s"}\n' "$code" "${said:-it ended without a word}"
fi
