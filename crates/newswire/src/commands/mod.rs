//! One module for each command or family of commands.

mod check_config;
mod daemon;
mod dead_letters;
mod demo;
mod feeds;
mod offline;
mod replay;
mod screen;
mod state;
mod status;
mod tail;
mod topics;
mod withdraw;

use bus::BusError;

use crate::cli::{Cli, Command, Place};
use crate::failure::Failure;
use crate::open::config;
use crate::stages::Role;

/// Does what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let place = cli.place;
    command(&place, cli.command).map_err(|failure| with_brokers(failure, &place))
}

fn command(place: &Place, command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo::run(&demo),
        Command::Up => daemon::run(place, &Role::ALL),
        Command::Fetcher => daemon::run(place, &[Role::Fetcher]),
        Command::Extractor => daemon::run(place, &[Role::Extractor]),
        Command::Publisher => daemon::run(place, &[Role::Publisher]),
        Command::Feeds(command) => feeds::run(place, command),
        Command::Tail(tail) => tail::run(place, &tail),
        Command::DeadLetters(command) => dead_letters::run(place, command),
        Command::Replay(replay) => replay::run(place, &replay),
        Command::Withdraw { story, reason } => withdraw::run(place, &story, reason),
        Command::Topics { create } => topics::run(place, create),
        Command::Schema { topic } => topics::schema(topic.as_deref()),
        Command::CheckConfig => check_config::run(place),
        Command::Status { ready: true, .. } => status::ready(place),
        Command::Status { json, .. } => status::run(place, json),
        Command::State(command) => state::run(place, &command),
        Command::ParseFeed(command) => offline::parse_feed(&command),
        Command::Extract(command) => offline::extract(&command),
        Command::Group { as_published } => offline::group(place, as_published),
    }
}

/// Names the cluster where it is away: the address may be mistyped, or another file's.
fn with_brokers(failure: Failure, place: &Place) -> Failure {
    match failure {
        Failure::Failed(error) if matches!(error.downcast_ref(), Some(BusError::Away(_))) => {
            match config(place).ok().and_then(|config| config.kafka) {
                Some(kafka) => {
                    Failure::Failed(error.context(format!("Kafka at {}", kafka.brokers)))
                }
                None => Failure::Failed(error),
            }
        }
        failure => failure,
    }
}
