//! What the call-backs of an installation are derived from: the same in all its processes, known
//! to nobody else, on no topic.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use fetcher::websub::Key;
use runtime::config::Config;

use crate::failure::Failure;

/// Environment variable with the secret.
pub(crate) const VARIABLE: &str = "NEWSWIRE_WEBSUB_KEY";
/// Shorter secrets can be guessed.
const SHORTEST: usize = 16;

/// The key of the installation; `None` where hubs cannot reach it. Over the embedded log, whose
/// installation is one machine, it is made once and kept in a file beside the log.
pub(crate) fn key(config: &Config) -> Result<Option<Key>, Failure> {
    if config.server.public_url.is_empty() {
        return Ok(None);
    }
    let secret = match std::env::var(VARIABLE) {
        Ok(secret) => secret.trim().as_bytes().to_owned(),
        Err(_) if config.kafka.is_none() => kept_beside(&config.embedded.path)?,
        Err(_) => {
            return Err(Failure::Usage(format!(
                "[server] public_url asks for WebSub, which needs a secret that all fetchers \
                 share: set {VARIABLE} (such as the output of `openssl rand -hex 32`), or leave \
                 public_url empty"
            )));
        }
    };
    if secret.len() < SHORTEST {
        let what = match std::env::var(VARIABLE) {
            Ok(_) => VARIABLE.to_owned(),
            Err(_) => file_beside(&config.embedded.path).display().to_string(),
        };
        return Err(Failure::Usage(format!(
            "{what} has {} bytes; at least {SHORTEST} are needed, such as the output of \
             `openssl rand -hex 32`",
            secret.len()
        )));
    }
    Ok(Some(Key::new(&secret)))
}

fn file_beside(log: &Path) -> PathBuf {
    let mut name: OsString = log.as_os_str().to_owned();
    name.push(".websub-key");
    PathBuf::from(name)
}

fn kept_beside(log: &Path) -> Result<Vec<u8>, Failure> {
    let path = file_beside(log);
    let told = || format!("the WebSub key {}", path.display());
    match std::fs::read(&path) {
        Ok(secret) => return Ok(secret),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::Failed(anyhow!(error).context(told()))),
    }
    let mut random = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("no random bytes from /dev/urandom")?;
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    // Whole or not at all, whenever the process ends.
    let unfinished = path.with_extension("websub-key.new");
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(told)?;
    file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).with_context(told)?;
    std::fs::rename(&unfinished, &path).with_context(told)?;
    Ok(secret.into_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn without_a_public_address_there_is_no_key() {
        assert!(key(&Config::default()).unwrap().is_none());
    }

    #[test]
    fn beside_the_embedded_log_a_secret_is_made_once_and_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("news.db");
        let first = kept_beside(&log).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(kept_beside(&log).unwrap(), first);
        let file = std::fs::metadata(folder.path().join("news.db.websub-key")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_without_a_key_is_named_and_what_was_left_unfinished_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.embedded.path = folder.path().join("news.db");
        config.server.public_url = "https://news.example.org".to_owned();
        std::fs::write(folder.path().join("news.db.websub-key.new"), "half").unwrap();
        assert!(key(&config).unwrap().is_some());
        std::fs::write(folder.path().join("news.db.websub-key"), "").unwrap();
        let Err(Failure::Usage(message)) = key(&config) else { panic!("a key of nothing") };
        assert!(message.contains("news.db.websub-key has 0 bytes"), "{message}");
    }
}
