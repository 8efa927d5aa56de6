//! The command line: `serve`, `migrate`, `user`, `token`, `demo`, `check`, `openapi`.

mod admin;
mod demo;
mod sandbox;
mod serve;
mod set_up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};
use crate::telemetry;

/// Self-hosted lead routing and postback server.
#[derive(Debug, Parser)]
#[command(name = "leadrelay", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything: API, dashboard, workers
    Serve,
    /// Bring the database to this version
    Migrate,
    /// People with a login
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Tokens for programs
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Fill an empty instance with a sandbox network, an offer, a webmaster and sample leads, and serve
    Demo,
    /// Check the settings and the database
    Check,
    /// Print the OpenAPI document
    Openapi,
    /// Serve a practice partner to connect a network to, without an account
    Sandbox {
        /// Which one
        #[arg(value_enum)]
        partner: sandbox::Partner,
        /// Where it listens
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: std::net::SocketAddr,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a person; the password is read from the first line of standard input, or made and printed
    Add {
        /// E-mail, also the login name
        email: String,
        /// admin, manager, support, analyst or webmaster
        #[arg(long, default_value = "admin")]
        role: String,
        /// Name for people
        #[arg(long, default_value = "")]
        name: String,
        /// With role webmaster: slug, id or number of the webmaster whose portal it opens
        #[arg(long)]
        webmaster: Option<String>,
    },
    /// Switch somebody's second factor off: the password alone opens the account then
    SecondFactorOff {
        /// E-mail
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Add a token and print it, once
    Add {
        /// admin or webmaster
        #[arg(long, default_value = "admin")]
        role: String,
        /// What it is for
        #[arg(long, default_value = "")]
        name: String,
        /// With role webmaster: slug, id or number of the webmaster
        #[arg(long)]
        webmaster: Option<String>,
    },
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::Openapi) {
        return admin::print_openapi();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("start the runtime")),
    };
    if let Command::Sandbox { partner, listen } = arguments.command {
        return runtime.block_on(sandbox::run(partner, listen)).unwrap_or_else(|error| fail(&error));
    }
    let result = load().and_then(|config| {
        runtime.block_on(async {
            match arguments.command {
                Command::Serve => serve::run(config, None).await,
                Command::Demo => serve::run(config, Some(demo::fill)).await,
                Command::Migrate => admin::migrate(config).await,
                Command::Check => admin::check(config).await,
                Command::User { command: UserCommand::Add { email, role, name, webmaster } } => {
                    admin::add_user(config, &email, &role, &name, webmaster.as_deref()).await
                }
                Command::User { command: UserCommand::SecondFactorOff { email } } => {
                    admin::switch_second_factor_off(config, &email).await
                }
                Command::Token { command: TokenCommand::Add { role, name, webmaster } } => {
                    admin::add_token(config, &role, &name, webmaster.as_deref()).await
                }
                Command::Openapi | Command::Sandbox { .. } => Ok(ExitCode::SUCCESS),
            }
        })
    });
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    result.unwrap_or_else(|error| fail(&error))
}

fn load() -> anyhow::Result<Config> {
    // The one place that reads the environment.
    let environment = std::env::vars_os();
    // A variable that is not text is none of ours.
    let environment = environment.filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let config = config::load(environment)?;
    telemetry::init(&config.log)?;
    Ok(config)
}

#[expect(clippy::print_stderr, reason = "the last word of a command")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("leadrelay: {error:#}");
    ExitCode::FAILURE
}
