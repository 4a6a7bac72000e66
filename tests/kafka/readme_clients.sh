#!/usr/bin/env bash
# Runs the Python and the Java lines of the README as they are printed there (only the broker's
# address and the topic are put in), and compares what they print with what kcat reads.
#
#   tests/kafka/readme_clients.sh DIR TOPIC
#
# DIR is that of a broker started by run.sh, TOPIC a topic of stories with something in it. Needs
# kcat, Java and Python with venv; confluent-kafka is fetched from PyPI.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readme=$here/../../README.md
dir=$1
topic=$2
brokers=$("$here/run.sh" env "$dir" | sed 's/^NEWSWIRE_KAFKA=//')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# block LANGUAGE: the README's code of that language.
block() {
    sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$readme" | sed '1d;$d' |
        sed "s#localhost:9092#$brokers#; s#newswire\\.stories#$topic#"
}

wanted=$(kcat -C -q -e -b "$brokers" -t "$topic" -X isolation.level=read_committed -f '.\n' -o beginning | wc -l)
[[ $wanted -gt 0 ]] || { echo "readme_clients.sh: $topic is empty" >&2; exit 1; }

# check NAME COMMAND…: the client never ends by itself; it is ended once it has printed enough.
check() {
    local name=$1 lines=0
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.err" &
    local pid=$!
    for _ in $(seq 240); do
        lines=$(wc -l <"$work/$name.out")
        [[ $lines -ge $wanted ]] && break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.5
    done
    sleep 1
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    lines=$(wc -l <"$work/$name.out")
    if [[ $lines != "$wanted" ]]; then
        echo "readme_clients.sh: $name printed $lines stories, kcat reads $wanted" >&2
        head -n 20 "$work/$name.err" >&2
        return 1
    fi
    echo "$name read all $wanted stories of $topic; the first: $(head -n 1 "$work/$name.out" | cut -c 1-70)"
}

python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install confluent-kafka
block python >"$work/client.py"
check Python "$work/venv/bin/python" -u "$work/client.py"

{
    printf 'import java.time.Duration;\nimport java.util.List;\nimport java.util.Map;\n'
    printf 'import org.apache.kafka.clients.consumer.KafkaConsumer;\n'
    printf 'import org.apache.kafka.common.serialization.StringDeserializer;\n'
    printf 'public class Client {\n    public static void main(String[] arguments) {\n'
    block java
    printf '    }\n}\n'
} >"$work/Client.java"
check Java java -cp "$dir/lib/*" "-Dlog4j2.configurationFile=$here/log4j2.xml" \
    "-Dkafka.logs.dir=$work" "$work/Client.java"
