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
        return Err(Failure::Usage(format!(
            "{VARIABLE} has {} bytes; at least {SHORTEST} are needed, such as the output of \
             `openssl rand -hex 32`",
            secret.len()
        )));
    }
    Ok(Some(Key::new(&secret)))
}

fn kept_beside(log: &Path) -> Result<Vec<u8>, Failure> {
    let mut name: OsString = log.as_os_str().to_owned();
    name.push(".websub-key");
    let path = PathBuf::from(name);
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
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .with_context(told)?;
    file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()).with_context(told)?;
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
}
