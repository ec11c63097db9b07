#!/usr/bin/env bash
# Two hosts: network namespaces with addresses and names of their own. Needs root.
. "$(dirname "$0")/common.sh"
if [ "$(id -u)" != 0 ] || ! ip netns add vqw2v-one 2> /dev/null; then
    echo "left out: only root may make network namespaces"
    exit 0
fi
trap 'ip netns del vqw2v-one 2> /dev/null; ip netns del vqw2v-two 2> /dev/null; rm -rf "$work"' EXIT
ip netns add vqw2v-two
ip link add vqw2v-one0 netns vqw2v-one type veth peer name vqw2v-two0 netns vqw2v-two
for host in one two; do
    ip -n vqw2v-$host addr add 10.77.9.$([ $host = one ] && echo 1 || echo 2)/24 dev vqw2v-${host}0
    ip -n vqw2v-$host link set lo up
    ip -n vqw2v-$host link set vqw2v-${host}0 up
done
# What mpirun takes for ssh: HOST COMMAND...
cat > "$work/enter" << 'S'
#!/bin/sh
host=$([ "$1" = 10.77.9.1 ] && echo one || echo two)
shift
exec ip netns exec "vqw2v-$host" unshare --uts sh -c "hostname vqw2v-$host; $*"
S
chmod +x "$work/enter"
# two_hosts N COMMAND...: N processes, half of them on each.
two_hosts() {
    local n=$1
    shift
    # shellcheck disable=SC2016  # for the inner shell
    timeout 300 ip netns exec vqw2v-one unshare --uts sh -c 'hostname vqw2v-one; exec "$@"' sh mpirun -n "$n" \
        --host "10.77.9.1:$((n / 2)),10.77.9.2:$((n / 2))" --mca plm_rsh_agent "$work/enter" --bind-to none \
        --mca btl tcp,self --mca btl_tcp_if_include 10.77.9.0/24 --mca oob_tcp_if_include 10.77.9.0/24 "$@"
}
if [ "${1:-}" = run ]; then
    # hosts.sh run N COMMAND...: for measurements. RATE limits both directions, as in 100mbit.
    for host in one two; do
        [ -z "${RATE:-}" ] || ip netns exec vqw2v-$host tc qdisc add dev vqw2v-${host}0 root tbf rate "$RATE" \
            burst 256kb latency 50ms
    done
    shift
    two_hosts "$@"
    exit
fi
quietly two_hosts 2 sh -c "hostname > $work/host.\$OMPI_COMM_WORLD_RANK"
[ "$(cat "$work"/host.*)" = "vqw2v-one
vqw2v-two" ] || fail "the processes are not on two hosts"

settings one
quietly "${train[@]}"
for n in 2 4; do
    settings "$n"
    quietly two_hosts "$n" "${train[@]}"
    same one "$n" last.safetensors
done
echo "two hosts write the bytes of one"

# A link that goes down in the middle: the program ends with a line, and the checkpoint is whole. mpirun cannot end the
# other host's processes before the link is back.
settings cut training.max_updates=100000
VQW2V_DEADLINE=5 two_hosts 2 -x VQW2V_DEADLINE "${train[@]}" > /dev/null 2> "$work/log" &
job=$!
for _ in $(seq 600); do
    [ ! -e "$work/cut/last.safetensors" ] || break
    sleep 0.1
done
ip -n vqw2v-two link set vqw2v-two0 down
for _ in $(seq 600); do
    ! grep -q '^error: ' "$work/log" || break
    sleep 0.1
done
grep -q '^error: process 0 of 2: waited 5 s' "$work/log" || { cat "$work/log"; fail "a link that is down is not noticed"; }
ip -n vqw2v-two link set vqw2v-two0 up
code=0
wait "$job" || code=$?
[ "$code" != 0 ] || fail "a job whose network failed exits with 0"
quietly "$VQW2V" inspect "$work/cut/last.safetensors"
echo "a network that fails ends the job"
