// What a consumer gets from a partition, as text to compare.

import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

final class Records {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Records() { }

    /** Reads partitions from their start to their end; the text by "topic-partition". */
    static Map<String, String> consume(String servers, Collection<TopicPartition> partitions) {
        Map<String, Object> config = Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            ConsumerConfig.CHECK_CRCS_CONFIG, true,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        Map<String, StringBuilder> texts = new TreeMap<>();
        partitions.forEach(partition -> texts.put(partition.toString(), new StringBuilder()));
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!partitions.stream().allMatch(p -> consumer.position(p, PATIENCE) >= ends.get(p))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the broker did not serve " + partitions + " to the end");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    String partition = record.topic() + "-" + record.partition();
                    texts.get(partition).append(line(record)).append('\n');
                }
            }
        }
        Map<String, String> result = new TreeMap<>();
        texts.forEach((partition, text) -> result.put(partition, text.toString()));
        return result;
    }

    /** As {@code kafkascope dump-log --records} prints a record. */
    private static String line(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder line = new StringBuilder();
        line.append(record.offset()).append(' ').append(record.timestampType());
        line.append('=').append(record.timestamp());
        line.append(' ').append(hex(record.key())).append(' ').append(hex(record.value()));
        for (Header header : record.headers()) {
            byte[] name = header.key().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            line.append(' ').append(hex(name)).append('=').append(hex(header.value()));
        }
        return line.toString();
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : "0x" + HexFormat.of().formatHex(bytes);
    }

    static int count(Collection<String> texts) {
        return texts.stream().mapToInt(text -> (int) text.lines().count()).sum();
    }

    static List<TopicPartition> partitions(Collection<String> directories) {
        return directories.stream().map(Records::partition).toList();
    }

    private static TopicPartition partition(String directory) {
        int dash = directory.lastIndexOf('-');
        return new TopicPartition(directory.substring(0, dash), Integer.parseInt(directory.substring(dash + 1)));
    }
}
