//! Ways to build the harness wrongly, for the tests of the test: a simulation that does not find
//! each of them proves nothing. Compiled in only with the feature `mutants`, and then inert until
//! one is planted.

/// A wrong harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(not(feature = "mutants"), expect(unreachable_pub, reason = "public with the feature"))]
pub enum Mutant {
    /// The offset of the last record is committed, not the next one.
    OffsetOfLast,
    /// State is folded in before the commit is confirmed, and kept when it is not.
    FoldedBeforeCommit,
    /// After a doubtful commit the state in memory is kept.
    StateKept,
    /// A restore passes over tombstones.
    TombstonesSkipped,
    /// State changes go to the next partition's changelog.
    WrongPartition,
    /// The input positions are not written into the changelog.
    PositionMissing,
    /// Timers are not set again after a restore.
    TimersForgotten,
    /// A batch that had a faulty record is not done again, only the record is put away.
    BatchDropped,
    /// What a faulty batch changed is kept when it is done again.
    OverlayKept,
    /// A record that is refused goes nowhere.
    PoisonDropped,
    /// A record that makes the stage panic is put away, and the position stays before it.
    PoisonWithoutOffset,
    /// Outputs of a batch are written in another order than they were made.
    OutputsReversed,
    /// The bound on requests that are on their way is not kept.
    RequestsUnbounded,
    /// Input is taken in however much waits.
    PressureIgnored,
    /// The downloader forgets what it has done.
    DownloadsForgotten,
    /// The publisher forgets what it has identified.
    StoriesForgotten,
    /// Records delivered again are taken again.
    PositionIgnored,
    /// The group's offset is not compared with the position in the state. Alone it does no harm:
    /// it is planted beside mistakes that the comparison would find out.
    PositionUnchecked,
}

impl Mutant {
    /// All that do harm alone.
    #[cfg(feature = "mutants")]
    pub const ALL: [Self; 17] = [
        Self::OffsetOfLast,
        Self::FoldedBeforeCommit,
        Self::StateKept,
        Self::TombstonesSkipped,
        Self::WrongPartition,
        Self::PositionMissing,
        Self::TimersForgotten,
        Self::BatchDropped,
        Self::OverlayKept,
        Self::PoisonDropped,
        Self::PoisonWithoutOffset,
        Self::OutputsReversed,
        Self::RequestsUnbounded,
        Self::PressureIgnored,
        Self::DownloadsForgotten,
        Self::StoriesForgotten,
        Self::PositionIgnored,
    ];

    /// Makes harnesses on this thread wrong in that way, or right again.
    #[cfg(feature = "mutants")]
    pub fn plant(mutant: Option<Self>) {
        PLANTED.set(mutant);
    }

    /// Whether harnesses on this thread are wrong in this way.
    #[cfg(feature = "mutants")]
    pub(crate) fn is_planted(self) -> bool {
        PLANTED.get() == Some(self)
    }

    #[cfg(not(feature = "mutants"))]
    pub(crate) fn is_planted(self) -> bool {
        let _ = self;
        false
    }
}

#[cfg(feature = "mutants")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}
