//! Runs a batch's computations on a few threads; results keep the order of the requests.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::context::Closure;

/// The closure's result, or the panic's message.
pub(crate) type Computed = Result<Box<dyn Any + Send>, String>;

/// Runs closures on at most `threads` threads (0 and 1: on this one). A panic is contained.
pub(crate) fn run_all(closures: Vec<Closure>, threads: usize) -> Vec<Computed> {
    let workers = threads.min(closures.len());
    if workers <= 1 {
        return closures.into_iter().map(contained).collect();
    }
    let mut results: Vec<Mutex<Option<Computed>>> = Vec::new();
    results.resize_with(closures.len(), || Mutex::new(None));
    let queue = Mutex::new(closures.into_iter().enumerate());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((index, closure)) = next else { break };
                    let result = contained(closure);
                    *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|slot| {
            let result = slot.into_inner().unwrap_or_else(PoisonError::into_inner);
            result.unwrap_or_else(|| Err("the computation's thread ended early".to_owned()))
        })
        .collect()
}

fn contained(closure: Closure) -> Computed {
    catch_unwind(AssertUnwindSafe(closure)).map_err(|panic| panic_message(&*panic))
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "without a message".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_and_a_panic_is_contained() {
        for threads in [0, 1, 3] {
            let closures: Vec<Closure> = (0..10_usize)
                .map(|index| -> Closure {
                    Box::new(move || {
                        assert_ne!(index, 4, "four is right out");
                        Box::new(index)
                    })
                })
                .collect();
            let results = run_all(closures, threads);
            for (index, result) in results.into_iter().enumerate() {
                match result {
                    Ok(value) => assert_eq!(value.downcast_ref::<usize>(), Some(&index)),
                    Err(message) => {
                        assert_eq!(index, 4);
                        assert!(message.contains("four is right out"), "{message}");
                    }
                }
            }
        }
    }
}
