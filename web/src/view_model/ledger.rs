//! The delivery ledger as the page shows it: of each topic what was sent and what of it is in the log, of each
//! of its readers what that has processed, what the settings promise, and what happened otherwise.

use kafkascope_engine::cluster::Cluster;
use kafkascope_engine::ids::EventId;
use kafkascope_engine::ledger::promise::Promise;
use kafkascope_engine::script::Lang;
use kafkascope_engine::script::words::ledger as words;
use kafkascope_engine::sim::time::SimTime;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LedgerView {
    pub topics: Vec<TopicLedger>,
    pub incidents: Vec<IncidentView>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicLedger {
    pub topic: Arc<str>,
    /// From the producers into the log.
    pub write: Passage,
    /// From the log to each reader, by its name.
    pub readers: Vec<(String, Passage)>,
}

/// One way that values go, and what became of them on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Values that were to go it.
    pub all: u64,
    pub done: u64,
    pub again: u64,
    pub lost: u64,
    /// Given up, and the producer knows.
    pub failed: u64,
    pub open: u64,
    /// Of a reader: what it has got.
    pub delivered: u64,
    /// From the producers to here.
    pub promise: Promise,
    /// Lost before it came to this way.
    pub lost_before: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentView {
    /// With what it began; `None` where no event tells of it.
    pub event: Option<(EventId, SimTime)>,
    words: [String; 2],
}

impl IncidentView {
    pub fn words(&self, lang: Lang) -> String {
        lang.pick(&self.words[0], &self.words[1]).clone()
    }
}

impl LedgerView {
    pub fn of(cluster: &Cluster) -> Self {
        let Some(ledger) = cluster.checker().map(|checker| checker.ledger()) else {
            return LedgerView::default();
        };
        let readers = ledger.readers(cluster);
        let topics = ledger.topics(cluster).into_iter().map(|(topic, tally)| {
            let promise = ledger.promised_write(cluster, &topic);
            let of_topic = readers.iter().filter(|((_, of), _)| *of == topic);
            let readers = of_topic.map(|((reader, _), read)| {
                let passage = Passage {
                    all: read.processed + read.lost + read.open,
                    done: read.processed,
                    again: read.processed_again,
                    lost: read.lost,
                    failed: 0,
                    open: read.open,
                    delivered: read.delivered,
                    promise: promise.and_then(&ledger.promised_read(cluster, reader)),
                    lost_before: tally.lost,
                };
                (words::reader(reader, cluster), passage)
            });
            TopicLedger {
                readers: readers.collect(),
                topic,
                write: Passage {
                    all: tally.produced,
                    done: tally.written,
                    again: tally.written_again,
                    lost: tally.lost,
                    failed: tally.failed,
                    open: tally.open(),
                    delivered: tally.written,
                    promise,
                    lost_before: 0,
                },
            }
        });
        let told = ledger.incidents().iter().map(|incident| IncidentView {
            event: Some((incident.event, incident.at)),
            words: [Lang::Ko, Lang::En].map(|lang| words::incident(incident, cluster, lang)),
        });
        let untold = ledger.vanished(cluster).into_iter().map(|values| IncidentView {
            event: None,
            words: [Lang::Ko, Lang::En].map(|lang| words::vanished(values, cluster, lang)),
        });
        LedgerView { topics: topics.collect(), incidents: told.chain(untold).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use kafkascope_engine::ledger::promise::Guarantee;

    #[test]
    fn a_value_that_was_written_twice_is_processed_twice() {
        let script = "cluster brokers=3 seed=12\n\
             run until ready\n\
             kafka-topics.sh --create --topic payments --replica-assignment 1:2:3\n\
             run until quiet\n\
             producer plain enable.idempotence=false request.timeout.ms=2000\n\
             link broker-1 plain one-way loss=100% api=Produce\n\
             produce payments value=dear producer=plain\n\
             run 2s\n\
             heal broker-1 plain\n\
             run until acknowledged plain >= 1\n\
             consume payments from=earliest\n\
             run 2s\n";
        let prepared = scenario::prepare(script).unwrap_or_else(|text| panic!("{}", text.en));
        let view = LedgerView::of(prepared.timeline.cluster());
        let payments = &view.topics[0];
        assert_eq!((payments.write.all, payments.write.done, payments.write.again), (1, 1, 1));
        let (name, reader) = &payments.readers[0];
        assert_eq!((name.as_str(), reader.done, reader.again), ("consumer-1", 1, 1));
        assert_eq!(payments.write.promise.guarantee(), Guarantee::AtLeastOnce);
        assert_eq!(view.incidents.len(), 1);
        assert!(view.incidents[0].words(Lang::Ko).starts_with("중복"));
    }
}
