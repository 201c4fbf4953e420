// What a metadata log tells: every state that each partition has been in, and which brokers may serve.
// It is read by Kafka's own classes, whoever wrote the log.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.BrokerRegistrationChangeRecord;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.metadata.BrokerRegistrationFencingChange;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.metadata.PartitionRegistration;

final class MetadataHistory {
    private static final String FENCED = "fenced";
    private static final String SERVING = "serving";

    private final Map<Uuid, String> names = new HashMap<>();
    private final Map<String, PartitionRegistration> now = new TreeMap<>();
    private final Map<String, List<String>> past = new LinkedHashMap<>();
    private final Map<Integer, String> brokers = new TreeMap<>();
    private final Map<Integer, List<String>> pastOfBrokers = new TreeMap<>();
    private long end;

    private MetadataHistory() { }

    /**
     * From the disk of a controller, which may have yet to begin.
     *
     * @param since where what is told of begins
     */
    static MetadataHistory read(Path disk, long since) {
        MetadataHistory history = new MetadataHistory();
        Path directory = disk.resolve(LogDir.METADATA);
        for (Path log : Files.exists(directory) ? LogDir.files(directory, ".log") : List.<Path>of()) {
            for (RecordBatch batch : LogDir.batches(log)) {
                if (!batch.isControlBatch()) {
                    for (Record record : batch) {
                        ByteBufferAccessor value = new ByteBufferAccessor(record.value());
                        history.replay(MetadataRecordSerde.INSTANCE.read(value, record.valueSize()).message());
                    }
                }
                if (batch.lastOffset() < since) {
                    history.past.clear();
                    history.pastOfBrokers.clear();
                }
                history.end = batch.nextOffset();
            }
        }
        return history;
    }

    private void replay(ApiMessage message) {
        if (message instanceof TopicRecord record) {
            names.put(record.topicId(), record.name());
            if (past.isEmpty()) {
                pastOfBrokers.clear();
            }
        } else if (message instanceof RemoveTopicRecord record) {
            String prefix = names.get(record.topicId()) + "-";
            List<String> gone = now.keySet().stream().filter(partition -> partition.startsWith(prefix)).toList();
            gone.forEach(partition -> notice(partition, "removed"));
            now.keySet().removeAll(gone);
        } else if (message instanceof PartitionRecord record) {
            is(name(record.topicId(), record.partitionId()), new PartitionRegistration(record));
        } else if (message instanceof PartitionChangeRecord record) {
            String partition = name(record.topicId(), record.partitionId());
            is(partition, now.get(partition).merge(record));
        } else if (message instanceof RegisterBrokerRecord record) {
            isBroker(record.brokerId(), FENCED);
        } else if (message instanceof BrokerRegistrationChangeRecord record) {
            if (record.fenced() == BrokerRegistrationFencingChange.UNFENCE.value()) {
                isBroker(record.brokerId(), SERVING);
            } else if (record.fenced() == BrokerRegistrationFencingChange.FENCE.value()) {
                isBroker(record.brokerId(), FENCED);
            } else if (record.inControlledShutdown() != 0) {
                isBroker(record.brokerId(), "in controlled shutdown");
            }
        }
    }

    private void isBroker(int broker, String state) {
        if (!state.equals(brokers.put(broker, state))) {
            pastOfBrokers.computeIfAbsent(broker, any -> new ArrayList<>()).add(state);
        }
    }

    /** Every state that a broker has been in since there is a topic, one a line. */
    String ofBroker(int broker) {
        return String.join("\n", pastOfBrokers.getOrDefault(broker, List.of()));
    }

    /** The offset of what comes next. */
    long end() {
        return end;
    }

    private String name(Uuid topic, int partition) {
        return names.get(topic) + "-" + partition;
    }

    private void is(String partition, PartitionRegistration state) {
        now.put(partition, state);
        notice(partition, line(state));
    }

    private void notice(String partition, String what) {
        past.computeIfAbsent(partition, any -> new ArrayList<>()).add(what);
    }

    private static String line(PartitionRegistration state) {
        return ("leader %d, leader epoch %d, partition epoch %d, replicas %s, ISR %s, adding %s, removing %s, "
            + "ELR %s, last known ELR %s, %s").formatted(
                state.leader, state.leaderEpoch, state.partitionEpoch, Arrays.toString(state.replicas),
                Arrays.toString(state.isr), Arrays.toString(state.addingReplicas),
                Arrays.toString(state.removingReplicas), Arrays.toString(state.elr),
                Arrays.toString(state.lastKnownElr), state.leaderRecoveryState);
    }

    /** Every state that a partition has been in, one a line. */
    String of(String partition) {
        return String.join("\n", past.getOrDefault(partition, List.of()));
    }

    /** The partitions of a topic that have ever been there. */
    List<String> partitions(String topic) {
        return past.keySet().stream().filter(partition -> partition.matches(topic + "-[0-9]+")).sorted().toList();
    }

    /** As it is now, or null. */
    PartitionRegistration partition(String partition) {
        return now.get(partition);
    }

    boolean mayServe(int broker) {
        return SERVING.equals(brokers.get(broker));
    }
}
