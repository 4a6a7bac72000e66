# Recipes of the project; `just` lists them. Each is a plain command, to be read and run by hand too.

# the list of recipes
default:
    @just --list

# newswire with its own small web: no internet, no Kafka
demo:
    cargo run --release --package newswire -- demo

# all tests; those that need a broker start one with `just kafka` first
test:
    cargo test --workspace

# lints of the workspace, warnings are errors
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# formats the code
fmt:
    cargo fmt --all

# fetches Apache Kafka from Maven Central and starts a broker on loopback
kafka:
    tests/kafka/run.sh start

# the same with three brokers, as `just chaos` and `just away` want them
kafka-three:
    KAFKA_NODES=3 tests/kafka/run.sh start

# stops what runs of them
kafka-stop:
    tests/kafka/run.sh stop

# 300 faults on three brokers (`just kafka-three`); Python needs confluent-kafka
chaos faults="300":
    NEWSWIRE_KAFKA_DIR="$PWD/.kafka" NEWSWIRE_CHAOS_FAULTS={{faults}} \
        cargo test --workspace --test chaos -- --nocapture

# all brokers away for 5 seconds, a minute, ten minutes: stopped, killed, cut off, swallowed
away seconds="5,60,600" ways="stopped,killed,cut,hole":
    NEWSWIRE_KAFKA_DIR="$PWD/.kafka" NEWSWIRE_AWAY_SECONDS={{seconds}} NEWSWIRE_AWAY_WAYS={{ways}} \
        cargo test --workspace --test kafka_away -- --nocapture

# a busy half hour with faults on three brokers, fifty stories a second; draws docs/soak.svg
soak minutes="31":
    NEWSWIRE_KAFKA_DIR="$PWD/.kafka" NEWSWIRE_SOAK_MINUTES={{minutes}} \
        NEWSWIRE_SOAK_SAMPLES="$PWD/target/soak.csv" \
        cargo test --release --workspace --test soak -- --nocapture
    python3 tests/kafka/soak_plot.py target/soak.csv docs/soak.svg

# every instance replaced under load: by the program of another release, and back
upgrade previous="":
    NEWSWIRE_KAFKA_DIR="$PWD/.kafka" {{ if previous == "" { "" } else { "NEWSWIRE_PREVIOUS=" + previous } }} \
        cargo test --workspace --test kafka_upgrade -- --nocapture

# the figures of docs/benchmarks.md (NEWSWIRE_CORPORA names the folder of the corpora)
bench:
    cargo run --release -p fetcher --example feed_corpus -- --list
    cargo run --release -p extractor --example evaluate
    cargo run --release -p publisher --example group_corpus
    cargo run --release -p publisher --example bench 200000
    cargo bench --workspace --bench road

# the worst extracted pages of the corpora as an HTML page, wanted and got side by side
extraction-report FILE="target/extraction-report.html":
    cargo run --release -p extractor --example evaluate -- --report {{FILE}}

# our extraction beside parsing alone and two peers: time and scores in one run (takes a while)
peers *SETS:
    cargo run --release --manifest-path tests/peers/Cargo.toml -- {{SETS}}

# the systemd units, as far as they can be judged without being installed
units:
    #!/usr/bin/env bash
    set -euo pipefail
    copies=$(mktemp -d)
    trap 'rm -rf "$copies"' EXIT
    for unit in deploy/systemd/*.service; do
        # `verify` wants the program to exist and a template to have an instance.
        name=$(basename "$unit" | sed 's/@\./@1./')
        sed 's#/usr/bin/newswire#/bin/true#' "$unit" > "$copies/$name"
        systemd-analyze verify "$copies/$name"
        # Fails above 1.5 of 10 (0 is the best).
        systemd-analyze security --offline=yes --threshold=15 "$copies/$name" | tail -n 1
    done

# the whole road under simulated faults: so many seeds, or the one of NEWSWIRE_SEED with a log
simulate SEEDS="100000" FIRST="0":
    cargo run --release -p simulation --example simulate -- {{SEEDS}} {{FIRST}}

# the tests of that test: each way to build the harness or the transport wrongly must be found
mutants SEEDS="5000":
    cargo run --release -p simulation --example mutants -- {{SEEDS}}

# what CI runs
ci:
    .ci/run

# a million feeds for a simulated week: memory, polls, budgets, delays (no network, one core)
million-feeds FEEDS="1000000" DAYS="7" *WORDS:
    cargo run --release -p fetcher --no-default-features --example million_feeds -- {{FEEDS}} {{DAYS}} {{WORDS}}

# fuzzes one target (tests/fuzz/fuzz_targets) on the stable toolchain; needs `cargo install cargo-fuzz`
fuzz target seconds="600":
    cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none {{target}} -- -max_total_time={{seconds}} -timeout=10 -max_len=65536
