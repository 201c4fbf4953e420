// What the disks of a cluster hold of some topics when a story is over: every state that each partition
// has been in, the batches and records of every replica, and its leader-epoch-checkpoint. Read the same
// way whoever wrote them.

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

final class Remains {
    static final String CHECKPOINT = "leader-epoch-checkpoint";

    private Remains() { }

    /** By what it is. A directory has a disk for each node. */
    static Map<String, String> of(Path directory, MetadataHistory history, Collection<String> topics) {
        Map<String, String> texts = new TreeMap<>();
        List<String> partitions = topics.stream().flatMap(topic -> history.partitions(topic).stream()).toList();
        for (String partition : partitions) {
            texts.put("what became of " + partition, history.of(partition));
        }
        for (Path disk : LogDir.directories(directory)) {
            String node = LogDir.name(disk);
            if (node.startsWith("broker-")) {
                texts.put("what became of " + node, history.ofBroker(RealCluster.id(node)));
                for (Path log : LogDir.directories(disk)) {
                    if (partitions.contains(LogDir.name(log))) {
                        texts.put("log of " + LogDir.name(log) + " on " + node, records(log));
                        texts.put(CHECKPOINT + " of " + LogDir.name(log) + " on " + node, checkpoint(log));
                    }
                }
            }
        }
        return texts;
    }

    private static String checkpoint(Path log) {
        try {
            Path file = log.resolve(CHECKPOINT);
            return Files.exists(file) ? Files.readString(file) : "0\n0\n";
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Offsets, epochs, keys and values; not what the clock and the producer's library decide. */
    private static String records(Path partition) {
        StringBuilder text = new StringBuilder();
        for (Path log : LogDir.files(partition, ".log")) {
            for (RecordBatch batch : LogDir.batches(log)) {
                text.append("batch %d-%d of epoch %d%n".formatted(
                    batch.baseOffset(), batch.lastOffset(), batch.partitionLeaderEpoch()));
                for (Record record : batch) {
                    text.append("  %d %s = %s%n".formatted(
                        record.offset(), string(record.key()), string(record.value())));
                }
            }
        }
        return text.toString();
    }

    private static String string(ByteBuffer bytes) {
        return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes).toString();
    }

    /** The offset after the last batch of a log; -1 if there is none. */
    static long logEnd(Path partition) {
        if (!Files.isDirectory(partition)) {
            return -1;
        }
        long end = -1;
        for (Path log : LogDir.files(partition, ".log")) {
            String name = LogDir.name(log);
            end = Long.parseLong(name.substring(0, name.indexOf('.')));
            for (RecordBatch batch : LogDir.batches(log)) {
                end = batch.nextOffset();
            }
        }
        return end;
    }
}
