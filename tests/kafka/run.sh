#!/usr/bin/env bash
# Apache Kafka (KRaft, broker and controller in one process) on loopback, for tests.
#
#   tests/kafka/run.sh start [DIR]        fetches it (Maven Central), starts it, waits until it answers
#   tests/kafka/run.sh env   [DIR]        prints NEWSWIRE_KAFKA=host:port,… of what runs
#   tests/kafka/run.sh stop  [DIR]        ends it
#   tests/kafka/run.sh kill  DIR NODE     kill -9 of one broker
#   tests/kafka/run.sh signal DIR NODE S  sends a signal, such as STOP or CONT, to one broker
#   tests/kafka/run.sh again DIR NODE     starts one broker again on its data
#
# DIR (default .kafka beside the workspace) holds the packages, the data and the logs; nothing is
# written elsewhere. Needs Java 17 or later and Maven. KAFKA_NODES is the number of brokers (default
# 1; with 3 every topic has three replicas and min.insync.replicas 2), KAFKA_PORT the port of the
# first (default: free ones), KAFKA_HEAP the memory of each (default 512m).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=${1:-}
dir=${2:-$here/../../.kafka}
node=${3:-}
signal=${4:-}
exec </dev/null

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# running NODE
running() {
    [[ -f $dir/$1/pid ]] && kill -0 "$(cat "$dir/$1/pid")" 2>/dev/null
}

any_running() {
    local pid
    for pid in "$dir"/*/pid; do
        [[ -f $pid ]] && kill -0 "$(cat "$pid")" 2>/dev/null && return
    done
    return 1
}

answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        if ! answers "$port" && [[ " $* " != *" $port "* ]]; then
            echo "$port"
            return
        fi
    done
    fail "no free port found"
}

# java_for NODE …
java_for() {
    local logs=$dir/$1/logs
    shift
    java -cp "$dir/lib/*" -Dlog4j2.configurationFile="$here/log4j2.xml" -Dkafka.logs.dir="$logs" "$@"
}

# Fetched again only when the pom says something else.
fetch() {
    cmp -s "$here/pom.xml" "$dir/fetched-pom.xml" && return
    rm -rf "$dir/lib"
    mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime "-DoutputDirectory=$dir/lib" ||
        fail "Maven could not fetch Apache Kafka"
    cp "$here/pom.xml" "$dir/fetched-pom.xml"
}

# launch NODE: starts the process; its settings and its formatted data are there.
launch() {
    local home=$dir/$1
    : >"$home/logs/kafka.log"
    nohup java "-Xmx${KAFKA_HEAP:-512m}" -Xms128m -XX:+UseSerialGC -cp "$dir/lib/*" \
        -Dlog4j2.configurationFile="$here/log4j2.xml" -Dkafka.logs.dir="$home/logs" \
        kafka.Kafka "$home/server.properties" >"$home/logs/stdout.log" 2>&1 &
    echo $! >"$home/pid"
}

# await NODE: until it serves. It listens before that: the log line comes when it does.
await() {
    for _ in $(seq 180); do
        running "$1" || fail "broker $1 ended at once, see $dir/$1/logs"
        grep -q "Kafka Server started" "$dir/$1/logs/kafka.log" 2>/dev/null && return
        sleep 0.5
    done
    fail "broker $1 did not answer within 90 seconds, see $dir/$1/logs"
}

start() {
    if any_running; then
        echo "NEWSWIRE_KAFKA=$(cat "$dir/address")"
        return
    fi
    local nodes=${KAFKA_NODES:-1} number ports=() controllers=() voters=() addresses=() id
    local outer=() inner=() taken
    local replicas=$((nodes < 3 ? 1 : 3)) insync=$((nodes < 3 ? 1 : 2))
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    fetch
    for number in $(seq "$nodes"); do
        taken=("${ports[@]}" "${controllers[@]}" "${outer[@]}" "${inner[@]}")
        if [[ $number == 1 && -n ${KAFKA_PORT:-} ]]; then
            ports+=("$KAFKA_PORT")
        else
            ports+=("$(free_port "${taken[@]}")")
        fi
        controllers+=("$(free_port "${taken[@]}" "${ports[@]}")")
        outer+=("$(free_port "${taken[@]}" "${ports[@]}" "${controllers[@]}")")
        inner+=("$(free_port "${taken[@]}" "${ports[@]}" "${controllers[@]}" "${outer[@]}")")
        voters+=("$number@127.0.0.1:${controllers[number - 1]}")
        addresses+=("127.0.0.1:${ports[number - 1]}")
    done
    # Each start is a new, empty cluster: tests must not depend on what was before.
    for number in "$dir"/[0-9]*; do rm -rf "$number"; done
    for number in $(seq "$nodes"); do
        local home=$dir/$number port=${ports[number - 1]} controller=${controllers[number - 1]}
        local proxy=${outer[number - 1]} behind=${inner[number - 1]}
        mkdir -p "$home/logs"
        echo "$proxy $behind" >"$home/proxied"
        cat >"$home/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$number
controller.quorum.voters=$(IFS=, && echo "${voters[*]}")
controller.listener.names=CONTROLLER
# PROXIED is what tests reach through a proxy of their own, whose port it names.
listeners=PLAINTEXT://127.0.0.1:$port,PROXIED://127.0.0.1:$behind,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port,PROXIED://127.0.0.1:$proxy
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=$home/data
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$insync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$insync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$insync
# Members come one by one in tests; waiting for more of them only costs time.
group.initial.rebalance.delay.ms=0
# So that stalled members and open transactions of dead ones are noticed within seconds.
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.backoff.ms=500
PROPERTIES
        id=${id:-$(java_for "$number" kafka.tools.StorageTool random-uuid 2>>"$home/logs/setup.log")}
        java_for "$number" kafka.tools.StorageTool format --cluster-id "$id" \
            --config "$home/server.properties" >>"$home/logs/setup.log" 2>&1 ||
            fail "the storage could not be formatted, see $home/logs/setup.log"
        launch "$number"
    done
    (IFS=, && echo "${addresses[*]}") >"$dir/address"
    for number in $(seq "$nodes"); do await "$number"; done
    echo "NEWSWIRE_KAFKA=$(cat "$dir/address")"
}

stop() {
    local home pid
    for home in "$dir"/[0-9]*; do
        [[ -f $home/pid ]] || continue
        pid=$(cat "$home/pid")
        # A stopped process ends only when it goes on.
        kill -CONT "$pid" 2>/dev/null || true
        kill "$pid" 2>/dev/null || true
    done
    for home in "$dir"/[0-9]*; do
        [[ -f $home/pid ]] || continue
        pid=$(cat "$home/pid")
        for _ in $(seq 60); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.5
        done
        kill -9 "$pid" 2>/dev/null || true
        rm -f "$home/pid"
    done
    rm -f "$dir/address"
}

case $command in
start) start ;;
stop) stop ;;
env)
    any_running || fail "no broker runs in $dir; start one with: tests/kafka/run.sh start"
    echo "NEWSWIRE_KAFKA=$(cat "$dir/address")"
    ;;
kill)
    running "$node" || fail "broker '$node' does not run in $dir"
    kill -9 "$(cat "$dir/$node/pid")"
    rm "$dir/$node/pid"
    ;;
signal)
    running "$node" || fail "broker '$node' does not run in $dir"
    kill "-$signal" "$(cat "$dir/$node/pid")"
    ;;
again)
    running "$node" && fail "broker $node runs"
    [[ -f $dir/$node/server.properties ]] || fail "there is no broker '$node' in $dir"
    launch "$node"
    await "$node"
    ;;
*) fail "usage: run.sh start|stop|env|kill|signal|again [DIR [NODE [SIGNAL]]]" ;;
esac
