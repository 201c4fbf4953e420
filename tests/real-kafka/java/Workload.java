// What producers send to the real broker: one topic for each thing that a log can have. Content and
// timestamps are drawn from a fixed seed, so that every run writes the same records.

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

final class Workload {
    static final List<String> CODECS = List.of("gzip", "snappy", "lz4", "zstd");
    static final String COMPACTED = "compacted";

    static final long START = 1_767_225_600_000L;
    /** Records are this much apart at most, so that {@link #SEGMENT_MS} begins a segment after some. */
    private static final int STEP_MS = 20;
    private static final String SEGMENT_MS = "3000";

    private final String servers;
    private final Random random = new Random(42);
    private long now;

    /** The first record is made at {@code start}, Unix ms. */
    Workload(String servers, long start) {
        this.servers = servers;
        this.now = start;
    }

    void run() throws Exception {
        Map<String, String> plain = Map.of("segment.ms", SEGMENT_MS, "index.interval.bytes", "1000");
        Map<String, Map<String, String>> topics = new HashMap<>();
        CODECS.forEach(codec -> topics.put(codec, plain));
        topics.put("none", plain);
        topics.put("transactions", plain);
        topics.put("append-time", Map.of("message.timestamp.type", "LogAppendTime"));
        topics.put("empty", Map.of());
        topics.put(COMPACTED, Map.of(
            "cleanup.policy", "compact",
            "segment.ms", SEGMENT_MS,
            "min.cleanable.dirty.ratio", "0.01"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            List<NewTopic> list = new ArrayList<>();
            topics.forEach((name, configs) -> list.add(new NewTopic(name, 2, (short) 1).configs(configs)));
            admin.createTopics(list).all().get();
        }
        for (String codec : CODECS) {
            try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("compression.type", codec))) {
                send(producer, codec, 600);
            }
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("enable.idempotence", false))) {
            send(producer, "none", 1000);
            send(producer, "append-time", 200);
            sendKeyed(producer, 2000);
        }
        transactions();
    }

    /** A few more of what is not compressed. */
    void sendMore() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            send(producer, "none", 50);
        }
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 2000);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        // The open transaction stays open, also where a machine is slow.
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 600_000);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String topic, int count) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(producer.send(record(topic, bytes(12), bytes(60))));
        }
        for (Future<RecordMetadata> future : sent) {
            future.get();
        }
    }

    /** Few keys, some records of which are tombstones. */
    private void sendKeyed(KafkaProducer<byte[], byte[]> producer, int count) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] key = ("key-" + random.nextInt(50)).getBytes(StandardCharsets.UTF_8);
            sent.add(producer.send(record(COMPACTED, key, random.nextInt(10) == 0 ? null : bytes(60))));
        }
        for (Future<RecordMetadata> future : sent) {
            future.get();
        }
    }

    /** Two producers take turns; every third transaction is aborted, and the last one stays open. */
    private void transactions() throws Exception {
        try (KafkaProducer<byte[], byte[]> one = producer(Map.of("transactional.id", "one"));
             KafkaProducer<byte[], byte[]> two = producer(Map.of("transactional.id", "two"))) {
            one.initTransactions();
            two.initTransactions();
            for (int i = 0; i < 30; i++) {
                KafkaProducer<byte[], byte[]> producer = i % 2 == 0 ? one : two;
                producer.beginTransaction();
                send(producer, "transactions", 1 + random.nextInt(20));
                if (i % 3 == 0) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            one.beginTransaction();
            send(one, "transactions", 5);
        }
    }

    private ProducerRecord<byte[], byte[]> record(String topic, byte[] key, byte[] value) {
        now += random.nextInt(STEP_MS);
        // Some come late.
        long timestamp = random.nextInt(20) == 0 ? now - random.nextInt(500) : now;
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, random.nextInt(2), timestamp, key, value);
        int headers = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
        for (int i = 0; i < headers; i++) {
            record.headers().add(new RecordHeader("h" + random.nextInt(3) + (i == 2 ? "한" : ""), bytes(8)));
        }
        return record;
    }

    /** Nothing, no bytes, text, or any bytes. */
    private byte[] bytes(int most) {
        switch (random.nextInt(10)) {
            case 0:
                return null;
            case 1:
                return new byte[0];
            case 2:
                byte[] any = new byte[random.nextInt(most)];
                random.nextBytes(any);
                return any;
            default:
                return ("text 글 " + "ab".repeat(random.nextInt(most / 2))).getBytes(StandardCharsets.UTF_8);
        }
    }
}
