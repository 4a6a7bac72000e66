"""A consumer that is not ours: reads topics with read_committed until it is ended, and writes one
line a record: topic, partition, offset, key, and what identifies the record.

    collect.py BROKERS OUTPUT TOPIC...
"""

import json
import sys

from confluent_kafka import Consumer


def which(topic, value):
    """What tells records of one key apart: the version of a story, else revision and hop."""
    # A page is a line of JSON, and the body after it.
    record = json.loads(value.split(b"\n", 1)[0])
    if topic.endswith("stories"):
        return record["version"]
    entry = record if topic.endswith("entries") else (record or {}).get("entry")
    return [entry["revision"], entry["hop"]] if entry and "hop" in entry else None


brokers, output, *topics = sys.argv[1:]
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": f"collect-{topics[0]}",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "fetch.message.max.bytes": 16777216,
    }
)
consumer.subscribe(topics)
with open(output, "w", buffering=1, encoding="utf-8") as lines:
    while True:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        key = (message.key() or b"").decode("utf-8", "replace")
        row = [message.topic(), message.partition(), message.offset(), key]
        row.append(which(message.topic(), message.value() or b"null"))
        lines.write(json.dumps(row) + "\n")
