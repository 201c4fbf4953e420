// The producers and consumers of a story, as real clients of a real cluster.

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

final class RealClients implements AutoCloseable {
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration A_WHILE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Supplier<String> servers;
    private final Map<String, Producer> producers = new LinkedHashMap<>();
    private final Map<String, Consumer> consumers = new LinkedHashMap<>();

    /** A producer of ours says for each record which acks it wants: here it takes a client for each. */
    private static final class Producer {
        final Map<String, KafkaProducer<String, String>> byAcks = new TreeMap<>();
        final AtomicInteger acknowledged = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        final Map<String, String> settings = new TreeMap<>();
        int sent;
    }

    private static final class Consumer {
        final KafkaConsumer<String, String> client;
        final String topic;
        int records;

        Consumer(KafkaConsumer<String, String> client, String topic) {
            this.client = client;
            this.topic = topic;
        }
    }

    RealClients(Supplier<String> servers) {
        this.servers = servers;
    }

    /** {@code producer NAME linger.ms=50 ...}: the names of the settings are Kafka's. */
    void producer(Map<String, String> options, String name) {
        producers.computeIfAbsent(name, any -> new Producer()).settings.putAll(options);
    }

    /** {@code produce TOPIC key=K value=V acks=A partition=N producer=NAME count=N} */
    void produce(Map<String, String> options, String topic) {
        String name = options.getOrDefault("producer", "producer-1");
        Producer producer = producers.computeIfAbsent(name, any -> new Producer());
        String acks = options.getOrDefault("acks", producer.settings.getOrDefault("acks", "all"));
        KafkaProducer<String, String> client = producer.byAcks.computeIfAbsent(acks, any -> {
            // As long as it takes to hand over a command's records, so that they are one batch.
            Map<String, Object> config = new TreeMap<>(Map.of("linger.ms", "50"));
            config.putAll(producer.settings);
            config.putAll(Map.of("bootstrap.servers", servers.get(), "acks", acks));
            return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        });
        client.partitionsFor(topic);
        Integer partition = options.containsKey("partition") ? Integer.valueOf(options.get("partition")) : null;
        int count = Integer.parseInt(options.getOrDefault("count", "1"));
        for (int n = 1; n <= count; n++) {
            String value = options.get("value") + (n == 1 ? "" : "-" + n);
            producer.sent++;
            client.send(new ProducerRecord<>(topic, partition, options.get("key"), value), (metadata, error) ->
                (error == null ? producer.acknowledged : producer.failed).incrementAndGet());
        }
    }

    /** {@code consume TOPIC consumer=NAME from=earliest|latest} */
    void consume(Map<String, String> options, String topic) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", servers.get(),
            "enable.auto.commit", false,
            "auto.offset.reset", options.getOrDefault("from", "latest"),
            "fetch.max.wait.ms", 50);
        KafkaConsumer<String, String> client =
            new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        client.assign(client.partitionsFor(topic, PATIENCE).stream()
            .map(info -> new TopicPartition(topic, info.partition())).toList());
        String name = options.getOrDefault("consumer", "consumer-" + (consumers.size() + 1));
        consumers.put(name, new Consumer(client, topic));
    }

    long acknowledged(String producer) {
        return producers.get(producer).acknowledged.get();
    }

    long failed(String producer) {
        return producers.get(producer).failed.get();
    }

    boolean nothingOutstanding() {
        return producers.values().stream()
            .allMatch(producer -> producer.acknowledged.get() + producer.failed.get() == producer.sent);
    }

    /** What the consumer reads next, after a look at what there is. */
    long position(String consumer, TopicPartition partition) {
        poll(A_WHILE);
        return consumers.get(consumer).client.position(partition, PATIENCE);
    }

    private void poll(Duration wait) {
        consumers.values().forEach(consumer -> consumer.records += consumer.client.poll(wait).count());
    }

    /** The high watermark at the leader. */
    long highWatermark(TopicPartition partition) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers.get()))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset();
        }
    }

    /** {@code show clients} */
    String show() {
        poll(AT_ONCE);
        List<String> lines = new ArrayList<>();
        producers.forEach((name, producer) -> lines.add("%s producer: %d acknowledged, %d failed, %d waiting".formatted(
            name, producer.acknowledged.get(), producer.failed.get(),
            producer.sent - producer.acknowledged.get() - producer.failed.get())));
        consumers.forEach((name, consumer) -> lines.add("%s consumer of %s: %d records read; %s".formatted(
            name, consumer.topic, consumer.records, positions(consumer.client))));
        return String.join("\n", lines) + "\n";
    }

    private static String positions(KafkaConsumer<String, String> client) {
        Map<TopicPartition, Long> ends = client.endOffsets(client.assignment(), PATIENCE);
        return ends.keySet().stream().sorted(Comparator.comparing(TopicPartition::toString))
            .map(partition -> {
                long at = client.position(partition, PATIENCE);
                return "%s %d (lag %d)".formatted(partition, at, ends.get(partition) - at);
            })
            .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        consumers.values().forEach(consumer -> consumer.client.close());
        producers.values().forEach(producer ->
            producer.byAcks.values().forEach(client -> client.close(AT_ONCE)));
    }
}
