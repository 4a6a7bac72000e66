//! What the end-to-end tests share: starting processes, Kafka and servers.
