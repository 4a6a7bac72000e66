#!/usr/bin/env bash
# One Apache Kafka broker (KRaft, broker and controller in one process) on loopback, for tests.
#
#   tests/kafka/run.sh start [DIR]   fetches it (Maven Central), starts it, waits until it answers
#   tests/kafka/run.sh env   [DIR]   prints NEWSWIRE_KAFKA=host:port of the one that runs
#   tests/kafka/run.sh stop  [DIR]   ends it
#
# DIR (default .kafka beside the workspace) holds the packages, the data and the logs; nothing is
# written elsewhere. Needs Java 17 or later and Maven. KAFKA_PORT chooses the port (default: a free
# one), KAFKA_HEAP the memory (default 512m).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=${1:-}
dir=${2:-$here/../../.kafka}
exec </dev/null

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

running() {
    [[ -f $dir/pid ]] && kill -0 "$(cat "$dir/pid")" 2>/dev/null
}

answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        if ! answers "$port"; then
            echo "$port"
            return
        fi
    done
    fail "no free port found"
}

java_here() {
    java -cp "$dir/lib/*" -Dlog4j2.configurationFile="$here/log4j2.xml" \
        -Dkafka.logs.dir="$dir/logs" "$@"
}

start() {
    if running; then
        echo "NEWSWIRE_KAFKA=$(cat "$dir/address")"
        return
    fi
    mkdir -p "$dir/logs"
    dir=$(cd "$dir" && pwd)
    # Fetched again only when the pom says something else.
    if ! cmp -s "$here/pom.xml" "$dir/fetched-pom.xml"; then
        rm -rf "$dir/lib"
        mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
            -DincludeScope=runtime "-DoutputDirectory=$dir/lib" ||
            fail "Maven could not fetch Apache Kafka"
        cp "$here/pom.xml" "$dir/fetched-pom.xml"
    fi
    local port controller
    port=${KAFKA_PORT:-$(free_port)}
    controller=$(free_port)
    while [[ $controller == "$port" ]]; do controller=$(free_port); done
    # Each start is a new, empty broker: tests must not depend on what was before.
    rm -rf "$dir/data"
    cat >"$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/data
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Members come one by one in tests; waiting for more of them only costs time.
group.initial.rebalance.delay.ms=0
# So that stalled members and open transactions of dead ones are noticed within seconds.
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.dedupe.buffer.size=8388608
PROPERTIES
    local id
    id=$(java_here kafka.tools.StorageTool random-uuid 2>>"$dir/logs/setup.log")
    java_here kafka.tools.StorageTool format --cluster-id "$id" \
        --config "$dir/server.properties" >>"$dir/logs/setup.log" 2>&1 ||
        fail "the storage could not be formatted, see $dir/logs/setup.log"
    nohup java "-Xmx${KAFKA_HEAP:-512m}" -Xms128m -XX:+UseSerialGC -cp "$dir/lib/*" \
        -Dlog4j2.configurationFile="$here/log4j2.xml" -Dkafka.logs.dir="$dir/logs" \
        kafka.Kafka "$dir/server.properties" >"$dir/logs/stdout.log" 2>&1 &
    echo $! >"$dir/pid"
    echo "127.0.0.1:$port" >"$dir/address"
    for _ in $(seq 120); do
        running || fail "Kafka ended at once, see $dir/logs"
        # It listens before it serves: the log line comes when it does.
        if answers "$port" && grep -q "Kafka Server started" "$dir/logs/kafka.log" 2>/dev/null; then
            echo "NEWSWIRE_KAFKA=127.0.0.1:$port"
            return
        fi
        sleep 0.5
    done
    fail "Kafka did not answer within a minute, see $dir/logs"
}

stop() {
    running || return 0
    local pid
    pid=$(cat "$dir/pid")
    kill "$pid"
    for _ in $(seq 60); do
        if ! kill -0 "$pid" 2>/dev/null; then
            break
        fi
        sleep 0.5
    done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$dir/pid" "$dir/address"
}

case $command in
start) start ;;
stop) stop ;;
env)
    running || fail "no broker runs in $dir; start one with: tests/kafka/run.sh start"
    echo "NEWSWIRE_KAFKA=$(cat "$dir/address")"
    ;;
*) fail "usage: run.sh start|stop|env [DIR]" ;;
esac
