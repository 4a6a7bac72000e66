//! The embedded log: all topics in one SQLite file, for a laptop, the demo, tests, one small
//! server.
//!
//! One process at a time runs stages ([`Embedded::open_for_stages`], an OS lock); any other may
//! append and read ([`Embedded::open`]). What Kafka does with generations and epochs is here an
//! epoch in the table `member`, checked in the very transaction that commits.

mod log;
mod schema;
mod space;
mod sql;
mod store;
mod transport;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use events::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use self::sql::broken;
use crate::{BusError, GroupSpec, Topic, TopicPartition, TopicSettings};

pub use self::log::EmbeddedLog;
pub use self::transport::EmbeddedTransport;

/// How long a reader sleeps at most before it looks whether another process has written.
const OTHER_PROCESSES: Duration = Duration::from_millis(20);

/// Settings of the embedded log.
#[derive(Clone, Debug)]
pub struct EmbeddedSettings {
    /// Size in bytes that the content of the file may reach (the file and its WAL can be some
    /// 64 MiB larger for a while).
    pub max_size: u64,
    /// The topics.
    pub topics: TopicSettings,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self { max_size: 20 * 1024 * 1024 * 1024, topics: TopicSettings::default() }
    }
}

/// A handle on an embedded log; clones share it.
#[derive(Clone)]
pub struct Embedded {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

/// What all transports and logs of a process share.
struct Shared {
    path: PathBuf,
    settings: EmbeddedSettings,
    /// Row ids of the partitions of our prefix.
    partitions: RwLock<BTreeMap<TopicPartition, i64>>,
    /// One writer a process: SQLite has one a file, and waiting here is fair and cheap.
    writer: Mutex<Connection>,
    /// Opened by [`Embedded::open_to_read`].
    only_reads: bool,
    commits: Mutex<u64>,
    committed: Condvar,
    /// Held while we run stages; the operating system lets go of it however the process ends.
    stage_lock: Option<File>,
    housekeeping: Mutex<Instant>,
    evicted: Mutex<space::Evicted>,
}

impl Embedded {
    /// Opens the log (a new one if there is no file), to append and to read. Topics that are
    /// missing are made, partition counts that do not match are refused.
    ///
    /// # Errors
    /// [`BusError::Setup`], or [`BusError::Away`] where another process holds it for too long.
    pub fn open(path: &Path, settings: EmbeddedSettings) -> Result<Self, BusError> {
        Self::open_with(path, settings, None)
    }

    /// Opens the log to look at it as it is: no topic is made and no partition count refused.
    /// [`Log::topics`](crate::Log::topics) tells what is wrong,
    /// [`Log::create_topics`](crate::Log::create_topics) makes what is missing.
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_as_it_is(path: &Path, settings: EmbeddedSettings) -> Result<Self, BusError> {
        Self::share(path, settings, None, schema::connect(path)?, false)
    }

    /// The same for a log that is there, only to read it: no topic can be made either.
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_to_look(path: &Path, settings: EmbeddedSettings) -> Result<Self, BusError> {
        Self::share(path, settings, None, schema::connect_to_read(path)?, true)
    }

    /// Opens a log that is there, only to read it: nothing is written to its folder either, where that
    /// cannot be. A log that lacks a topic, or of an earlier newswire, is opened as by
    /// [`Embedded::open`].
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_to_read(path: &Path, settings: EmbeddedSettings) -> Result<Self, BusError> {
        let reader = schema::connect_to_read(path)?;
        if schema::is_complete(&reader, &settings.topics)? {
            Self::share(path, settings, None, reader, true)
        } else {
            Self::open(path, settings)
        }
    }

    /// Opens the log as the one process that runs stages.
    ///
    /// # Errors
    /// As [`Embedded::open`], and [`BusError::Setup`] where another process runs stages on it.
    pub fn open_for_stages(path: &Path, settings: EmbeddedSettings) -> Result<Self, BusError> {
        let mut lock_path = path.as_os_str().to_owned();
        lock_path.push("-lock");
        let lock_path = PathBuf::from(lock_path);
        let cannot = |error: &dyn std::fmt::Display| {
            BusError::Setup(format!("cannot lock {}: {error}", lock_path.display()))
        };
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(
                |error| match error.kind() {
                    std::io::ErrorKind::PermissionDenied => cannot(&format!(
                        "{error}; who runs the stages must be able to write the log and its folder"
                    )),
                    _ => cannot(&error),
                },
            )?;
        match lock.try_lock() {
            Ok(()) => Self::open_with(path, settings, Some(lock)),
            Err(TryLockError::WouldBlock) => Err(BusError::Setup(format!(
                "another process runs the stages on {}: one `newswire up` (or `newswire demo`) \
                 at a time; stop it, or give this one another file",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(cannot(&error)),
        }
    }

    fn open_with(
        path: &Path,
        settings: EmbeddedSettings,
        stage_lock: Option<File>,
    ) -> Result<Self, BusError> {
        let mut writer = schema::connect(path)?;
        schema::prepare(&mut writer, &settings.topics)?;
        Self::share(path, settings, stage_lock, writer, false)
    }

    fn share(
        path: &Path,
        settings: EmbeddedSettings,
        stage_lock: Option<File>,
        writer: Connection,
        only_reads: bool,
    ) -> Result<Self, BusError> {
        let partitions = if schema::is_made(&writer)? {
            store::partition_ids(&writer, &settings.topics).map_err(broken)?
        } else {
            BTreeMap::new()
        };
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                settings,
                partitions: RwLock::new(partitions),
                writer: Mutex::new(writer),
                only_reads,
                commits: Mutex::new(0),
                committed: Condvar::new(),
                stage_lock,
                housekeeping: Mutex::new(Instant::now()),
                evicted: Mutex::default(),
            }),
        })
    }

    /// A daemon's place. It joins at its first poll and then has all partitions.
    ///
    /// # Errors
    /// [`BusError::Setup`] unless this is the process that runs stages.
    pub fn transport(&self, spec: GroupSpec) -> Result<EmbeddedTransport, BusError> {
        if self.shared.stage_lock.is_none() {
            return Err(BusError::Setup(format!(
                "stages on {} are run by `newswire up` alone",
                self.shared.path.display()
            )));
        }
        EmbeddedTransport::new(Arc::clone(&self.shared), spec)
    }

    /// What commands read and append.
    ///
    /// # Errors
    /// [`BusError`] where the file cannot be opened again.
    pub fn log(&self) -> Result<EmbeddedLog, BusError> {
        EmbeddedLog::new(Arc::clone(&self.shared))
    }

    /// Deletes all records and positions, in place and at once. Offsets go on from where they
    /// were, so that readers in other processes just go on with what comes next.
    ///
    /// # Errors
    /// [`BusError`].
    pub fn reset(&self) -> Result<(), BusError> {
        self.shared.write(|transaction| {
            // Without a condition SQLite drops whole tables' pages instead of single rows.
            transaction
                .execute_batch(
                    "DELETE FROM record; DELETE FROM committed; DELETE FROM consumer;
                     UPDATE partition SET oldest = next, origin = next, deleted = NULL;",
                )
                .map_err(broken)
        })
    }

    /// The time from which on nothing was ever deleted from a partition by age or at the size cap;
    /// `None` where nothing was at all, or not since the last reset.
    ///
    /// # Errors
    /// [`BusError`].
    pub fn whole_from(
        &self,
        place: TopicPartition,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, BusError> {
        let id = self.shared.id(place)?;
        let (any, newest) = store::deletions(&self.shared.writer(), id).map_err(broken)?;
        if !any {
            return Ok(None);
        }
        if let Some(newest) = newest {
            return Ok(Some(newest.plus_millis(1)));
        }
        // Deleted before such things were noted, and nothing left to judge it by.
        let retention = self.shared.settings.topics.spec(place.topic).retention;
        Ok(retention.map(|age| now.plus_millis(-(age.as_millis() as i64))))
    }

    /// Records that this process deleted because the size cap was reached, by topic.
    pub fn evicted(&self) -> BTreeMap<Topic, u64> {
        self.shared.evicted().by_topic().clone()
    }
}

impl Shared {
    /// Another connection, for reading.
    fn connect(&self) -> Result<Connection, BusError> {
        if self.only_reads {
            schema::connect_to_read(&self.path)
        } else {
            schema::connect(&self.path)
        }
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction has rolled it back; the connection is sound.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in one write transaction, and tells the readers.
    fn write<T, E: From<BusError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.writer();
        // IMMEDIATE: a transaction that becomes a writer later fails at once when another one
        // has written in between, whatever the busy timeout.
        let transaction =
            writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(broken)?;
        drop(writer);
        self.wake();
        Ok(result)
    }

    fn partitions(&self) -> RwLockReadGuard<'_, BTreeMap<TopicPartition, i64>> {
        // It is only ever replaced whole.
        self.partitions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the topics that are missing.
    fn create_topics(&self) -> Result<Vec<Topic>, BusError> {
        let mut writer = self.writer();
        let made = schema::make_missing(&mut writer, &self.settings.topics)?;
        let partitions = store::partition_ids(&writer, &self.settings.topics).map_err(broken)?;
        *self.partitions.write().unwrap_or_else(PoisonError::into_inner) = partitions;
        Ok(made)
    }

    /// Row id of a partition.
    fn id(&self, place: TopicPartition) -> Result<i64, BusError> {
        self.partitions()
            .get(&place)
            .copied()
            .ok_or_else(|| BusError::Setup(format!("there is no partition {place} in the log")))
    }

    fn commits(&self) -> MutexGuard<'_, u64> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the waiting of all readers of this process.
    fn wake(&self) {
        *self.commits() += 1;
        self.committed.notify_all();
    }

    /// Sleeps until something is committed in this process after commit number `seen`, at most
    /// for `wait`.
    fn wait_beyond(&self, seen: u64, wait: Duration) {
        let guard = self.commits();
        // A poisoned lock only means that a sleeper panicked; the number is sound.
        drop(self.committed.wait_timeout_while(guard, wait, |commits| *commits == seen));
    }
}

/// Sees whether anything was committed to the file, by this process or another one.
struct Watch {
    commits: u64,
    data_version: i64,
}

impl Watch {
    fn new(shared: &Shared, reader: &Connection) -> Result<Self, BusError> {
        Ok(Self { commits: *shared.commits(), data_version: data_version(reader)? })
    }

    /// Sleeps until something new was committed or `deadline` has come, or `stop` says so.
    fn wait(
        &mut self,
        shared: &Shared,
        reader: &Connection,
        deadline: Instant,
        stop: impl Fn() -> bool,
    ) -> Result<(), BusError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || stop() {
                return Ok(());
            }
            shared.wait_beyond(self.commits, left.min(OTHER_PROCESSES));
            let now = Self::new(shared, reader)?;
            let changed = now.commits != self.commits || now.data_version != self.data_version;
            *self = now;
            if changed {
                return Ok(());
            }
        }
    }
}

/// Changes when another connection has committed (sqlite.org/pragma.html#pragma_data_version).
fn data_version(reader: &Connection) -> Result<i64, BusError> {
    reader.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(broken)
}
