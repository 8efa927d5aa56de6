//! Batched writers: what arrives while a transaction runs is written together in the next one. A lone item is written at
//! once; a writer that nobody waits for in person may gather for a moment when it has written just before. Used by
//! intake, inbound calls and settling.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::db;

/// The writer has stopped or is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// More waits than may wait.
    #[error("the writer's queue is full")]
    Full,
    /// The writer ended before it answered.
    #[error("the writer has stopped")]
    Stopped,
}

type Waiting<T, R> = (T, oneshot::Sender<R>);

/// Hands items to writers and gives each its own answer.
#[derive(Debug)]
pub struct Batcher<T, R> {
    sender: mpsc::Sender<Waiting<T, R>>,
}

impl<T, R> Clone for Batcher<T, R> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
    }
}

/// What arrives for the writers of a [`Batcher`].
#[derive(Debug)]
pub struct Inbox<T, R> {
    receiver: mpsc::Receiver<Waiting<T, R>>,
}

impl<T: Send + 'static, R: Send + 'static> Inbox<T, R> {
    /// Starts `writers` tasks that each take up to `batch_max` items at a time. `write` answers a batch in its order.
    /// A writer that has just written waits `gather` from then on for more before it writes again.
    /// The tasks end when the last clone of the batcher is dropped.
    pub fn start<F, Fut>(self, writers: usize, batch_max: usize, gather: Duration, write: F)
    where
        F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<R>> + Send + 'static,
    {
        let receiver = Arc::new(Mutex::new(self.receiver));
        let write = Arc::new(write);
        for _ in 0..writers.max(1) {
            tokio::spawn(run(Arc::clone(&receiver), batch_max.max(1), gather, Arc::clone(&write)));
        }
    }
}

impl<T: Send + 'static, R: Send + 'static> Batcher<T, R> {
    /// A batcher and its inbox; up to `queue_max` items may wait.
    pub fn new(queue_max: usize) -> (Self, Inbox<T, R>) {
        let (sender, receiver) = mpsc::channel(queue_max.max(1));
        (Self { sender }, Inbox { receiver })
    }

    /// Has an item written; answers when its transaction is over. Refuses at once when too much waits.
    pub async fn submit(&self, item: T) -> Result<R, BatchError> {
        let (sender, receiver) = oneshot::channel();
        self.sender.try_send((item, sender)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => BatchError::Full,
            mpsc::error::TrySendError::Closed(_) => BatchError::Stopped,
        })?;
        receiver.await.map_err(|_| BatchError::Stopped)
    }

    /// As [`Batcher::submit`], but waits for room: for work that holds a place already.
    pub async fn submit_waiting(&self, item: T) -> Result<R, BatchError> {
        let (sender, receiver) = oneshot::channel();
        self.sender.send((item, sender)).await.map_err(|_| BatchError::Stopped)?;
        receiver.await.map_err(|_| BatchError::Stopped)
    }
}

async fn run<T, R, F, Fut>(
    receiver: Arc<Mutex<mpsc::Receiver<Waiting<T, R>>>>,
    batch_max: usize,
    gather: Duration,
    write: Arc<F>,
) where
    T: Send + 'static,
    R: Send + 'static,
    F: Fn(Vec<T>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<R>> + Send + 'static,
{
    let mut rested_at = Instant::now();
    loop {
        let mut waiting = Vec::new();
        // One writer waits at the door, the others write.
        let mut door = receiver.lock().await;
        if door.recv_many(&mut waiting, batch_max).await == 0 {
            return;
        }
        // A transaction costs nearly the same for one item as for many.
        if waiting.len() < batch_max && Instant::now() < rested_at {
            sleep_until(rested_at).await;
            while waiting.len() < batch_max
                && let Ok(item) = door.try_recv()
            {
                waiting.push(item);
            }
        }
        drop(door);
        let (items, senders): (Vec<T>, Vec<oneshot::Sender<R>>) = waiting.into_iter().unzip();
        // A panic in a batch must not end the writer: its items are answered as stopped.
        match tokio::spawn(write(items)).await {
            Ok(results) => {
                for (sender, result) in senders.into_iter().zip(results) {
                    // Who asked may have gone; what was written stays written.
                    drop(sender.send(result));
                }
            }
            Err(error) => tracing::error!(panicked = error.is_panic(), "a batch of the writer broke off"),
        }
        rested_at = Instant::now() + gather;
    }
}

/// Writes a batch in one transaction. A deadlock is tried again; any other error of more than one item halves the
/// batch until the offender stands alone, so that it fails alone. When the database is away all fail at once.
/// Answers in the order of the items. `cx` is handed to `write`.
pub async fn or_bisect<C, T, R, W, F>(cx: &C, items: &[T], write: W, failed: F) -> Vec<R>
where
    W: for<'a> Fn(&'a C, &'a [T]) -> BoxFuture<'a, anyhow::Result<Vec<R>>>,
    F: Fn(&anyhow::Error) -> R,
{
    let mut done: Vec<(usize, Vec<R>)> = Vec::new();
    let mut parts = vec![(0, items.len(), 0_u32)];
    while let Some((from, to, tries)) = parts.pop() {
        let Some(part) = items.get(from..to).filter(|part| !part.is_empty()) else { continue };
        match write(cx, part).await {
            Ok(results) => done.push((from, results)),
            Err(error) => {
                let cause = error.downcast_ref::<sqlx::Error>();
                if cause.is_some_and(db::is_retryable) && tries < 5 {
                    parts.push((from, to, tries + 1));
                } else if part.len() == 1 || cause.is_some_and(db::is_unavailable) {
                    done.push((from, part.iter().map(|_| failed(&error)).collect()));
                } else {
                    let middle = from + part.len() / 2;
                    parts.push((middle, to, 0));
                    parts.push((from, middle, 0));
                }
            }
        }
    }
    done.sort_by_key(|(from, _)| *from);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn each_item_gets_its_own_answer_and_batches_form_under_load() {
        let batches = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&batches);
        let (batcher, inbox) = Batcher::new(1000);
        inbox.start(1, 64, Duration::ZERO, move |items: Vec<u32>| {
            let seen = Arc::clone(&seen);
            async move {
                seen.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                items.into_iter().map(|item| item * 2).collect()
            }
        });
        let tasks: Vec<_> = (0..500)
            .map(|item| {
                let batcher = batcher.clone();
                tokio::spawn(async move { batcher.submit(item).await })
            })
            .collect();
        for (item, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap().unwrap() as usize, item * 2);
        }
        assert!(batches.load(Ordering::SeqCst) < 500);
    }

    #[tokio::test]
    async fn a_bad_item_fails_alone() {
        let items: Vec<u32> = (0..100).collect();
        let written = or_bisect(
            &(),
            &items,
            |(), part: &[u32]| {
                Box::pin(async move {
                    anyhow::ensure!(!part.contains(&41), "unlucky");
                    Ok(part.iter().map(|item| Some(*item)).collect())
                })
            },
            |_| None,
        )
        .await;
        let expected: Vec<Option<u32>> = (0..100).map(|item| (item != 41).then_some(item)).collect();
        assert_eq!(written, expected);
    }

    #[tokio::test]
    async fn a_panicking_batch_does_not_stop_the_writer() {
        let (batcher, inbox) = Batcher::new(10);
        inbox.start(1, 1, Duration::ZERO, |items: Vec<u32>| async move {
            assert!(!items.contains(&7), "unlucky");
            items
        });
        assert_eq!(batcher.submit(7).await, Err(BatchError::Stopped));
        assert_eq!(batcher.submit(8).await, Ok(8));
    }
}
