// A real Kafka node, broker and controller in one, in this process.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapDirectory;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.MetadataVersion;

final class Node implements AutoCloseable {
    private static final MetadataVersion VERSION = MetadataVersion.latestProduction();

    private final KafkaRaftServer server;
    final String servers;

    private Node(KafkaRaftServer server, String servers) {
        this.server = server;
        this.servers = servers;
    }

    /**
     * Makes a log directory one of a new cluster, as kafka-storage.sh format does, and adds nothing
     * to it but bootstrap.checkpoint, and meta.properties if it has none: else the cluster is the
     * one that is named there. The partitions that are in it already
     * become known to the cluster under the topic ids that their partition.metadata has: the records
     * that create them are put where a controller finds the first records of its log.
     */
    static void format(int id, Path logDir, Path metadataDir) throws Exception {
        Path known = logDir.resolve("meta.properties");
        String cluster = Files.exists(known) ? property(known, "cluster.id", "=") : Uuid.randomUuid().toString();
        formatter(id, cluster, logDir, metadataDir).run();
        BootstrapDirectory bootstrap = new BootstrapDirectory(metadataDir.toString());
        List<ApiMessageAndVersion> records = new ArrayList<>(bootstrap.read().records());
        records.addAll(topicsIn(logDir, id));
        bootstrap.writeBinaryFile(BootstrapMetadata.fromRecords(records, "the log directory"));
    }

    /** kafka-storage.sh format, for one node of a cluster. */
    static Formatter formatter(int id, String cluster, Path logDir, Path metadataDir) {
        return new Formatter()
            .setNodeId(id)
            .setClusterId(cluster)
            .setIgnoreFormatted(true)
            .setControllerListenerName("CONTROLLER")
            .addDirectory(logDir.toString())
            .addDirectory(metadataDir.toString())
            .setMetadataLogDirectory(metadataDir.toString())
            .setPrintStream(new PrintStream(new ByteArrayOutputStream()));
    }

    private static List<ApiMessageAndVersion> topicsIn(Path logDir, int id) throws IOException {
        Uuid directory = Uuid.fromString(property(logDir.resolve("meta.properties"), "directory.id", "="));
        List<ApiMessageAndVersion> topics = new ArrayList<>();
        Map<Uuid, Map<Integer, Integer>> epochsOf = new LinkedHashMap<>();
        for (Path path : LogDir.partitions(logDir)) {
            String name = LogDir.name(path);
            int dash = name.lastIndexOf('-');
            Uuid topic = Uuid.fromString(property(path.resolve("partition.metadata"), "topic_id", ":"));
            TopicRecord record = new TopicRecord().setName(name.substring(0, dash)).setTopicId(topic);
            if (topics.stream().noneMatch(known -> known.message().equals(record))) {
                topics.add(new ApiMessageAndVersion(record, (short) 0));
            }
            Map<Integer, Integer> epochs = epochsOf.computeIfAbsent(topic, unknown -> new TreeMap<>());
            epochs.put(Integer.parseInt(name.substring(dash + 1)), lastEpoch(path));
        }
        // A controller counts on a topic's partitions from 0 on: those that are elsewhere are here too, empty.
        epochsOf.forEach((topic, epochs) -> {
            for (int partition = 0; partition <= Collections.max(epochs.keySet()); partition++) {
                topics.add(new ApiMessageAndVersion(
                    new PartitionRecord()
                        .setTopicId(topic)
                        .setPartitionId(partition)
                        .setReplicas(List.of(id))
                        .setIsr(List.of(id))
                        .setDirectories(List.of(directory))
                        .setLeader(id)
                        .setLeaderEpoch(epochs.getOrDefault(partition, 0)),
                    VERSION.partitionRecordVersion()));
            }
        });
        return topics;
    }

    private static String property(Path file, String name, String separator) throws IOException {
        Optional<String> value = Files.readAllLines(file).stream()
            .filter(line -> line.startsWith(name + separator))
            .map(line -> line.substring(name.length() + separator.length()).strip())
            .findFirst();
        return value.orElseThrow(() -> new IllegalStateException(file + " has no " + name));
    }

    /** The last leader epoch that the log knows, from its leader-epoch-checkpoint. */
    private static int lastEpoch(Path partition) throws IOException {
        List<String> lines = Files.readAllLines(partition.resolve("leader-epoch-checkpoint"));
        return lines.size() <= 2 ? 0 : Integer.parseInt(lines.get(lines.size() - 1).split(" ")[0]);
    }

    /** Starts it on formatted directories and waits until it serves. */
    static Node start(int id, Path logDir, Path metadataDir, Map<String, String> more) throws IOException {
        int broker;
        int controller;
        try (ServerSocket first = freePort(); ServerSocket second = freePort()) {
            broker = first.getLocalPort();
            controller = second.getLocalPort();
        }
        Properties config = new Properties();
        config.put("process.roles", "broker,controller");
        config.put("node.id", Integer.toString(id));
        config.put("listeners", "PLAINTEXT://localhost:" + broker + ",CONTROLLER://localhost:" + controller);
        config.put("controller.listener.names", "CONTROLLER");
        config.put("controller.quorum.voters", id + "@localhost:" + controller);
        config.put("log.dirs", logDir.toString());
        config.put("metadata.log.dir", metadataDir.toString());
        config.put("auto.create.topics.enable", "false");
        config.put("offsets.topic.replication.factor", "1");
        config.put("transaction.state.log.replication.factor", "1");
        config.put("transaction.state.log.min.isr", "1");
        config.put("transaction.state.log.num.partitions", "1");
        config.put("broker.heartbeat.interval.ms", "200");
        // Scenarios have a calendar of their own: nothing is too old, and nothing comes from the future.
        config.put("log.retention.ms", "-1");
        config.put("log.message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));
        config.putAll(more);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(config), Time.SYSTEM);
        server.startup();
        return new Node(server, "localhost:" + broker);
    }

    private static ServerSocket freePort() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Stops it in order. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
