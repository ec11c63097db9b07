#!/usr/bin/env bash
# Slurm on this machine alone: srun, a job that is preempted and goes on, an array of shards. Needs root.
. "$(dirname "$0")/common.sh"
if [ "$(id -u)" != 0 ]; then
    echo "left out: only root may start Slurm"
    exit 0
fi
host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
cat > "$SLURM_CONF" << S
ClusterName=vqw2v
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=pmix
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
SlurmctldPort=26817
SlurmdPort=26818
KillWait=60
SlurmdParameters=config_overrides
JobRequeue=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
S
mkdir -p "$work/state" "$work/spool"
# One of its own, beside whatever runs here.
dd if=/dev/urandom of="$work/munge.key" bs=128 count=1 status=none
chmod 600 "$work/munge.key"
munged --force --foreground --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munge.pid" \
    --log-file="$work/munge.log" --seed-file="$work/munge.seed" > /dev/null 2>&1 &
munge=$!
slurmctld -D > /dev/null 2>&1 &
controller=$!
slurmd -D > /dev/null 2>&1 &
daemon=$!
trap 'kill $daemon $controller $munge 2> /dev/null; wait; rm -rf "$work"' EXIT
for _ in $(seq 150); do
    ! sinfo -h -o %t 2> /dev/null | grep -q idle || break
    sleep 0.2
done
if ! sinfo -h -o %t 2> /dev/null | grep -q idle; then
    tail -n 3 "$work"/slurm*.log >&2
    [ -z "${VQW2V_REQUIRE_SLURM:-}" ] || fail "Slurm does not start"
    echo "left out: Slurm does not start on this machine"
    exit 0
fi

settings one
quietly "${train[@]}"
settings srun
quietly timeout 300 srun --mpi=pmix --overcommit -n 4 "${train[@]}"
same one srun last.safetensors
echo "srun -n 4 writes the bytes of one process"
refused "processes were started and each would work alone" srun --mpi=none --overcommit -n 2 "${train[@]}"

quietly timeout 300 srun --mpi=pmix --overcommit -n 2 "$VQW2V" quantize -c "$work/one/last.safetensors" -o "$work/srun.tsv" data/test
quietly "$VQW2V" quantize -c "$work/one/last.safetensors" -o "$work/one.tsv" data/test
cmp "$work/srun.tsv" "$work/one.tsv" || fail "ids under srun differ"

# The script of docs/cluster.md, preempted after some updates: SIGTERM saves, requeue goes on with --resume.
settings job training.max_updates=40
cat > "$work/job.sh" << S
#!/bin/sh
#SBATCH --ntasks=2 --overcommit --requeue --output=$work/job.log --open-mode=append
resume=
[ ! -e "$work/job/last.safetensors" ] || resume=--resume
if [ -n "\$resume" ]; then
    srun --mpi=pmix --overcommit $VQW2V train data/train --output $work/job --threads 1 --resume
else
    srun --mpi=pmix --overcommit ${train[*]}
fi
S
job=$(sbatch --parsable "$work/job.sh")
for _ in $(seq 600); do
    ! grep -q '"type":"train"' "$work/job/log.jsonl" 2> /dev/null || break
    sleep 0.1
done
scontrol requeue "$job"
for _ in $(seq 600); do
    state=$(squeue -h -j "$job" -o %T 2> /dev/null || true)
    [ -n "$state" ] || break
    # A job that was requeued waits two minutes unless it is asked for.
    [ "$state" != PENDING ] || scontrol update "jobid=$job" StartTime=now 2> /dev/null || true
    sleep 0.5
done
settings whole training.max_updates=40
quietly "${train[@]}"
[ "$(grep -c '^resuming ' "$work/job.log")" = 1 ] || { cat "$work/job.log"; fail "the job was not resumed once"; }
same whole job last.safetensors
echo "a job that was preempted and requeued ends in the bytes of one that was not"
