//! Connections to the SQLite file of the embedded log, with their settings: to write, and to read
//! what may be full or on a read-only medium. Knows no tables.
//!
//! Sources of the settings: reliability research, part C (measured), and sqlite.org/pragma.html.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use super::sql::away_or;
use crate::BusError;

/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when one connection checkpoints while another
/// one writes (sqlite.org/wal.html, "The WAL reset bug").
const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

/// Settings of the file, each of them a write. The order matters: page size and vacuum mode only
/// before the first table, WAL after them.
const FILE: &str = "
PRAGMA page_size = 8192;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
";

/// Settings of every connection: whoever closes the file last writes its WAL back.
const CONNECTION: &str = "
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA wal_autocheckpoint = 2000;
PRAGMA journal_size_limit = 67108864;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
";

/// Opens a connection to an existing or new file, to write.
pub(super) fn connect(path: &Path) -> Result<Connection, BusError> {
    let connection = open(path, OpenFlags::default())?;
    connection.execute_batch(FILE).map_err(|error| cannot(path, error))?;
    Ok(connection)
}

/// Opens a connection to an existing file that writes nothing, not even where it may.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, BusError> {
    // Where the file cannot be written SQLite opens it to read.
    let connection = open(path, OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE)?;
    match look(&connection) {
        Ok(()) => Ok(connection),
        // Its shared memory (`-shm`) is not there and cannot be made.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            unchanging(path, error)
        }
        Err(error) => Err(cannot(path, error)),
    }
}

/// A file on a read-only medium that nobody has open: it holds all there is, unless it was left
/// in the middle of work, for without its WAL it is not whole.
fn unchanging(path: &Path, error: Error) -> Result<Connection, BusError> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    match std::fs::metadata(PathBuf::from(&wal)) {
        Ok(metadata) if metadata.len() > 0 => {
            return Err(BusError::Setup(format!(
                "cannot read {} where nothing can be written: its newest records are in {} still; \
                 copy both files into a folder that can be written and read them there",
                path.display(),
                wal.display()
            )));
        }
        Ok(_) => {}
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {}
        Err(_) => return Err(cannot(path, error)),
    }
    let connection = open(Path::new(&immutable_uri(path)), OpenFlags::default())?;
    look(&connection).map_err(|error| cannot(path, error))?;
    Ok(connection)
}

/// `file:…?immutable=1` (sqlite.org/uri.html): no lock is taken and no change expected.
fn immutable_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}

/// From now on it only reads; whether it can is seen at the first look at the file.
fn look(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA query_only = ON")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, BusError> {
    if rusqlite::version_number() < OLDEST_SOUND_SQLITE {
        return Err(BusError::Setup(format!(
            "SQLite {} is linked, 3.51.3 or later is needed: older ones can corrupt the file",
            rusqlite::version()
        )));
    }
    let connection = Connection::open_with_flags(path, flags).map_err(|it| cannot(path, it))?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(|error| cannot(path, error))?;
    connection.execute_batch(CONNECTION).map_err(|error| cannot(path, error))?;
    Ok(connection)
}

fn cannot(path: &Path, error: Error) -> BusError {
    away_or(error, |error| BusError::Setup(format!("cannot open {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use rusqlite::TransactionBehavior;

    use super::*;

    fn made(folder: &tempfile::TempDir, name: &str) -> PathBuf {
        let path = folder.path().join(name);
        let writer = connect(&path).unwrap();
        writer.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
        path
    }

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_reader_writes_nothing_and_waits_for_no_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(&folder, "a.db");
        let mut writer = connect(&path).unwrap();
        // While this lasts, whoever wants to write waits, as where the disk is full or read-only.
        let writing = writer.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let reader = connect_to_read(&path).unwrap();
        assert_eq!(rows(&reader), 1);
        drop(writing);
        let error = reader.execute_batch("INSERT INTO t VALUES (2)").unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
        assert!(connect_to_read(&folder.path().join("none.db")).is_err(), "none is made");
    }

    #[test]
    fn a_file_that_cannot_change_is_read_unless_its_wal_holds_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = made(&folder, "50% of #1? é.db");
        let no_shm = || rusqlite::Error::QueryReturnedNoRows;
        assert_eq!(rows(&unchanging(&path, no_shm()).unwrap()), 1);
        // Left in the middle of work.
        std::fs::write(folder.path().join("50% of #1? é.db-wal"), "x").unwrap();
        let error = unchanging(&path, no_shm()).unwrap_err().to_string();
        assert!(error.contains("é.db-wal") && error.contains("copy both"), "{error}");
    }
}
