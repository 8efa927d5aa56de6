//! What the process says about itself: log lines on standard error and metrics for Prometheus.
//!
//! Nothing here may show personal data; the libraries below us are held at `warn`, where they print no values.

use std::io::IsTerminal;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::config::{Log, LogFormat};

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is none.
    #[error("setting log.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody set one up before.
    #[error("the log is set up already")]
    Twice(#[from] TryInitError),
}

/// Upper bounds, in seconds, of what metrics named `*_seconds` count.
const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 300.0, 3600.0];
/// The same for sizes of batches, named `*_size`.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// Starts logging to standard error. Once per process.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let lines = tracing_subscriber::fmt().with_env_filter(filter(&log.level)?).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).finish().try_init()?
        }
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).finish().try_init()?,
    }
    Ok(())
}

/// The operator's directives come last, so they may lift what is held down here.
fn filter(level: &str) -> Result<EnvFilter, tracing_subscriber::filter::ParseError> {
    EnvFilter::builder().parse(format!("sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,{level}"))
}

/// Makes the process's metrics registry, or hands out the one there is. Call `run_upkeep` on it now and then.
pub fn install_metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            // The lists are not empty, the only thing that could be refused; without them summaries would be kept.
            let builder = builder
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)
                .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".into()), SIZES))
                .unwrap_or_default();
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics registry is installed: /metrics stays empty");
            }
            handle
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_can_be_installed_twice_and_count_in_buckets() {
        install_metrics();
        let handle = install_metrics();
        metrics::histogram!("telemetry_test_seconds").record(0.03);
        let text = handle.render();
        assert!(text.contains(r#"telemetry_test_seconds_bucket{le="0.05"} 1"#), "{text}");
    }

    #[test]
    fn libraries_are_quiet_unless_asked() {
        assert!(filter("debug").unwrap().to_string().contains("sqlx=warn"));
        assert!(filter("debug,sqlx=debug").unwrap().to_string().contains("sqlx=debug"));
        assert!(filter("debug,,=").is_err());
    }
}
