//! What is watched, with the defaults that are sensible without a thought.

crate::text_enum! {
    /// What an alert is about.
    pub enum Kind {
        /// The oldest lead that could go out, or other work that is due, has waited too long.
        Queue = "queue",
        /// A network does not answer: its breaker is open.
        Breaker = "breaker",
        /// A network is paused.
        Paused = "paused",
        /// A network uses status words that nobody has mapped.
        Unmapped = "unmapped",
        /// A cap is nearly used up.
        CapNear = "cap_near",
        /// A cap is used up.
        CapFull = "cap_full",
        /// Fewer leads are approved than usual.
        ApproveRate = "approve_rate",
        /// Statuses are read too late.
        PollLate = "poll_late",
        /// Calls to a webmaster's address fail.
        Postbacks = "postbacks",
        /// Leads that no route takes.
        Unrouted = "unrouted",
        /// Deliveries whose outcome a person must find out.
        Review = "review",
        /// The disk is nearly full.
        Disk = "disk",
    }
}

crate::text_enum! {
    /// What a notice says about its alert.
    pub enum What {
        /// It has begun.
        Opened = "opened",
        /// There is more of it.
        Worse = "worse",
        /// It goes on.
        Again = "again",
        /// It has ended.
        Over = "over",
    }
}

/// The number of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    pub usual: i32,
    pub least: i32,
    pub most: i32,
}

const fn threshold(usual: i32, least: i32, most: i32) -> Option<Threshold> {
    Some(Threshold { usual, least, most })
}

impl Kind {
    /// From which number on it is an alert; none where there is no number to choose.
    pub const fn threshold(self) -> Option<Threshold> {
        match self {
            // Minutes.
            Self::Queue => threshold(10, 1, 1440),
            // Percent of the cap.
            Self::CapNear => threshold(80, 10, 99),
            // Percent of the usual rate that are lost.
            Self::ApproveRate => threshold(30, 5, 95),
            // Intervals.
            Self::PollLate => threshold(3, 2, 1000),
            // Failures in a row.
            Self::Postbacks => threshold(10, 1, 10_000),
            // Leads, deliveries.
            Self::Unrouted | Self::Review => threshold(1, 1, 10_000),
            // Percent that are free.
            Self::Disk => threshold(10, 1, 90),
            Self::Breaker | Self::Paused | Self::Unmapped | Self::CapFull => None,
        }
    }

    /// Whether leads or money are stuck: such an alert may be told in quiet hours.
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::Queue | Self::Breaker | Self::Paused | Self::Unrouted | Self::Disk)
    }

    /// Whether it is about single networks.
    pub const fn has_networks(self) -> bool {
        matches!(
            self,
            Self::Queue
                | Self::Breaker
                | Self::Paused
                | Self::Unmapped
                | Self::CapNear
                | Self::CapFull
                | Self::ApproveRate
                | Self::PollLate
        )
    }

    /// Whether it is about single offers.
    pub const fn has_offers(self) -> bool {
        matches!(self, Self::CapNear | Self::CapFull | Self::ApproveRate)
    }

    /// Whether an open one that grows is told of again.
    pub const fn tells_growth(self) -> bool {
        matches!(self, Self::Unmapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_may_be_chosen() {
        for threshold in Kind::ALL.iter().filter_map(|kind| kind.threshold()) {
            assert!((threshold.least..=threshold.most).contains(&threshold.usual));
        }
    }
}
