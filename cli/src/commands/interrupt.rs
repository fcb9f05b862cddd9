//! Ctrl-C and SIGTERM: the first ends a run with what is known so far, the second ends it at once.

use std::sync::Arc;

use crate::collect::live::Stop;
use crate::exit::INTERRUPTED;

/// Waits for the reader's Ctrl-C, for as long as the run takes.
#[expect(clippy::exit, reason = "the reader has asked twice")]
pub(super) async fn listen(stop: Arc<Stop>) {
    while asked().await {
        if stop.asked() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        stop.ask();
    }
}

/// The next Ctrl-C, or SIGTERM: whoever ends a run so wants what it has started to end, too. `false`: nobody can listen.
#[cfg(unix)]
async fn asked() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked.is_ok(),
        asked = term.recv() => asked.is_some(),
    }
}

#[cfg(not(unix))]
async fn asked() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

/// The same, beside a run that asks nobody. Where nobody can listen, Ctrl-C ends it as it ends any program.
pub(super) fn beside() -> Arc<Stop> {
    let stop = Arc::new(Stop::default());
    let listening = Arc::clone(&stop);
    let (ready, begun) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name("ctrl-c".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            // The first poll is what takes the signal over.
            tokio::join!(listen(listening), async {
                let _heard = ready.send(());
            });
        });
    });
    if thread.is_ok() {
        let _heard = begun.recv();
    }
    stop
}
