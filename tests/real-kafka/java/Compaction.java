// The same records through Kafka's cleaner and through ours.
//
// A topic grows while its policy is delete; its segments are copied; then its policy becomes compact and
// the real cleaner passes over it. Our cleaner passes over the copy, at the time that the delete horizons
// of the real pass tell. What is left has to be the same: uncompressed, every byte of every file;
// compressed, every field but sizes, as codecs need not pack alike.

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

final class Compaction {
    private static final String PLAIN = "keyed";
    private static final String PACKED = "keyed-gzip";
    /** Kafka's least. */
    private static final int SEGMENT_BYTES = 1 << 20;
    /** Records that a pass finds new, in each topic: a few segments. */
    private static final int RECORDS = 6000;
    private static final int KEYS = 300;
    private static final int PATIENCE_MS = 60_000;
    private static final int LOOK_MS = 50;
    /** Tombstones of the first pass outlive all others; those of the second go with the third. */
    private static final List<Long> DELETE_RETENTION_MS = List.of(3_600_000L, 0L, 0L);

    private static final Pattern HORIZON = Pattern.compile("deleteHorizonMs: OptionalLong\\[(\\d+)]");
    private static final Pattern SIZES = Pattern.compile(" (position|size|crc): \\d+");

    private final Kafkascope kafkascope;
    private final Path work;
    private final Path logDir;
    private final Report report;
    private final Random random;
    private boolean tombstonesMissed;

    Compaction(Kafkascope kafkascope, long seed, Path work, Report report) {
        this.kafkascope = kafkascope;
        this.work = work;
        this.logDir = work.resolve("log");
        this.report = report;
        this.random = new Random(seed);
    }

    String passes() throws Exception {
        Files.createDirectories(logDir);
        Node.format(RealBroker.ID, logDir, logDir);
        StringBuilder summary = new StringBuilder();
        Map<String, String> settings = Map.of("log.cleaner.backoff.ms", "50");
        try (Node node = Node.start(RealBroker.ID, logDir, logDir, settings);
             Admin admin = Admin.create(Map.of("bootstrap.servers", node.servers))) {
            Map<String, String> configs = Map.of(
                "cleanup.policy", "delete",
                "segment.bytes", Integer.toString(SEGMENT_BYTES),
                "min.cleanable.dirty.ratio", "0.01",
                "file.delete.delay.ms", "0");
            List<NewTopic> topics = new ArrayList<>();
            for (String topic : List.of(PLAIN, PACKED)) {
                topics.add(new NewTopic(topic, 1, (short) 1).configs(configs));
            }
            admin.createTopics(topics).all().get();
            for (int pass = 1; pass <= DELETE_RETENTION_MS.size(); pass++) {
                send(node.servers, PLAIN, "none");
                send(node.servers, PACKED, "gzip");
                summary.append(pass(admin, pass));
            }
        }
        if (!tombstonesMissed) {
            report.wrong("compaction", "our cleaner forgot tombstones, and nobody saw it");
        }
        return summary.toString();
    }

    private String pass(Admin admin, int pass) throws Exception {
        Path before = work.resolve("before-" + pass);
        copy(before);
        long retentionMs = DELETE_RETENTION_MS.get(pass - 1);
        for (String topic : List.of(PLAIN, PACKED)) {
            alter(admin, topic, Map.of("cleanup.policy", "compact", "delete.retention.ms", "" + retentionMs));
        }
        waitForCleaner();
        for (String topic : List.of(PLAIN, PACKED)) {
            alter(admin, topic, Map.of("cleanup.policy", "delete"));
        }
        Path real = work.resolve("real-" + pass);
        copy(real);
        List<String> counts = new ArrayList<>();
        for (String topic : List.of(PLAIN, PACKED)) {
            counts.add(compare(topic + "-0", pass, before, real, retentionMs));
        }
        return "%n         pass %d, %s".formatted(pass, String.join(", ", counts));
    }

    private String compare(String partition, int pass, Path before, Path real, long retentionMs) throws IOException {
        String where = "compaction, pass " + pass + " of " + partition;
        List<Path> old = LogDir.files(before.resolve(partition), ".log");
        List<Path> left = LogDir.files(real.resolve(partition), ".log");
        TreeSet<Long> horizons = horizons(left);
        horizons.removeAll(horizons(old));
        if (horizons.size() != 1) {
            throw new IllegalStateException(where + " set other than one horizon: " + horizons);
        }
        long now = horizons.first() - retentionMs;
        List<String> options = List.of(
            "--config", "cleanup.policy=compact",
            "--config", "segment.bytes=" + SEGMENT_BYTES,
            "--config", "min.cleanable.dirty.ratio=0.01",
            "--config", "delete.retention.ms=" + retentionMs);
        Path ours = work.resolve("ours-" + pass).resolve(partition);
        kafkascope.clean(before, partition, ours, now, options);
        same(where, left, LogDir.files(ours, ".log"));
        if (partition.equals(PLAIN + "-0")) {
            sameBytes(where, real.resolve(partition), ours);
            List<String> broken = new ArrayList<>(options);
            broken.add("--forget-tombstones");
            Path forgetful = work.resolve("forgetful-" + pass);
            kafkascope.clean(before, partition, forgetful, now, broken);
            tombstonesMissed |= !kafkascope.records(left).equals(kafkascope.records(LogDir.files(forgetful, ".log")));
        }
        String records = kafkascope.records(left);
        return "%s: %d records in %d segments became %d in %d, %d of them tombstones".formatted(
            partition, kafkascope.records(old).lines().count(), old.size(), records.lines().count(), left.size(),
            records.lines().filter(line -> line.split(" ")[3].equals("null")).count());
    }

    /** The same segments with the same batches and records. */
    private void same(String where, List<Path> real, List<Path> ours) {
        report.same(where + ", segments", names(real), names(ours));
        report.same(where + ", records", kafkascope.records(real), kafkascope.records(ours));
        report.same(where + ", batches", batches(real), batches(ours));
    }

    private String batches(List<Path> files) {
        StringBuilder text = new StringBuilder();
        for (Path file : files) {
            kafkascope.dump(List.of(file), "--print-data-log").lines().skip(1)
                .forEach(line -> text.append(SIZES.matcher(line).replaceAll("")).append('\n'));
        }
        return text.toString();
    }

    /** Of all segments but the active one, whose indexes are larger than what is in them while a broker runs. */
    private void sameBytes(String where, Path real, Path ours) throws IOException {
        List<Path> logs = LogDir.files(real, ".log");
        String active = LogDir.name(logs.get(logs.size() - 1)).replace(".log", "");
        for (Path file : LogDir.dumpable(real)) {
            Path own = ours.resolve(LogDir.name(file));
            boolean isActive = LogDir.name(file).startsWith(active);
            if (!isActive && !(Files.exists(own) && Files.mismatch(file, own) == -1)) {
                report.wrong(where, LogDir.name(file) + " has other bytes here");
            }
        }
        report.same(where + ", files", names(LogDir.dumpable(real)), names(LogDir.dumpable(ours)));
    }

    private static String names(Collection<Path> files) {
        return String.join("\n", files.stream().map(LogDir::name).toList());
    }

    private TreeSet<Long> horizons(List<Path> files) {
        TreeSet<Long> horizons = new TreeSet<>();
        HORIZON.matcher(kafkascope.dump(files)).results()
            .forEach(match -> horizons.add(Long.parseLong(match.group(1))));
        return horizons;
    }

    /**
     * Both partitions, and the files beside them, as they are now. Nobody is writing, so they are as good
     * as after a clean stop, and the copy says so: what recovery finds is not always what was there.
     */
    private void copy(Path to) throws IOException {
        Files.createDirectories(to);
        Files.createFile(to.resolve(".kafka_cleanshutdown"));
        for (String name : List.of("cleaner-offset-checkpoint", "replication-offset-checkpoint")) {
            if (Files.exists(logDir.resolve(name))) {
                Files.copy(logDir.resolve(name), to.resolve(name));
            }
        }
        for (String topic : List.of(PLAIN, PACKED)) {
            Path partition = logDir.resolve(topic + "-0");
            Path copied = Files.createDirectories(to.resolve(topic + "-0"));
            for (Path file : LogDir.dumpable(partition)) {
                Files.copy(file, copied.resolve(LogDir.name(file)));
            }
            for (String name : List.of("partition.metadata", "leader-epoch-checkpoint")) {
                Files.copy(partition.resolve(name), copied.resolve(name));
            }
        }
    }

    /** Until both topics are clean up to their active segments. */
    private void waitForCleaner() throws IOException, InterruptedException {
        Path checkpoint = logDir.resolve("cleaner-offset-checkpoint");
        for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
            String text = Files.exists(checkpoint) ? Files.readString(checkpoint) : "";
            boolean isClean = true;
            for (String topic : List.of(PLAIN, PACKED)) {
                List<Path> logs = LogDir.files(logDir.resolve(topic + "-0"), ".log");
                String active = LogDir.name(logs.get(logs.size() - 1)).replace(".log", "");
                isClean &= text.contains("\n" + topic + " 0 " + Long.parseLong(active) + "\n");
            }
            if (isClean) {
                return;
            }
            Thread.sleep(LOOK_MS);
        }
        throw new IllegalStateException("the cleaner did not come to the end of the topics");
    }

    private static void alter(Admin admin, String topic, Map<String, String> configs) throws Exception {
        List<AlterConfigOp> changes = new ArrayList<>();
        configs.forEach((name, value) ->
            changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
    }

    /** Keys that come often and keys that come once, tombstones, missing keys; transactions, some aborted. */
    private void send(String servers, String topic, String codec) {
        Map<String, Object> config = Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic,
            ProducerConfig.COMPRESSION_TYPE_CONFIG, codec,
            ProducerConfig.BATCH_SIZE_CONFIG, 8000,
            ProducerConfig.LINGER_MS_CONFIG, 5);
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
            producer.initTransactions();
            for (int sent = 0; sent < RECORDS; ) {
                producer.beginTransaction();
                for (int left = 1 + random.nextInt(400); left > 0 && sent < RECORDS; left--, sent++) {
                    producer.send(new ProducerRecord<>(topic, key(), value()));
                }
                if (random.nextInt(4) == 0) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    private byte[] key() {
        int kind = random.nextInt(100);
        if (kind == 0) {
            return null;
        }
        String key = kind < 10 ? "once-" + random.nextLong() : "key-" + random.nextInt(KEYS);
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] value() {
        if (random.nextInt(8) == 0) {
            return null;
        }
        byte[] value = new byte[random.nextInt(1500)];
        random.nextBytes(value);
        return value;
    }
}
