// A real broker that writes until it is killed: a process of its own, started by Reopened.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

public final class KilledBroker {
    /** Printed once there is enough to look at. */
    static final String READY = "ready";

    private static final TopicPartition SHORTENED = new TopicPartition("none", 0);
    private static final long DELETED_BELOW = 123;
    private static final String SOON_MS = "100";
    private static final int LOOK_MS = 20;

    private KilledBroker() { }

    public static void main(String[] arguments) throws Exception {
        Path logDir = Path.of(arguments[0]);
        Node.format(RealBroker.ID, logDir, logDir);
        Node node = Node.start(RealBroker.ID, logDir, logDir, Map.of(
            "log.cleaner.backoff.ms", "50",
            // A broker that runs has index files of this size.
            "log.index.size.max.bytes", "100000",
            "log.initial.task.delay.ms", SOON_MS,
            "log.flush.start.offset.checkpoint.interval.ms", SOON_MS,
            "log.flush.offset.checkpoint.interval.ms", SOON_MS,
            "replica.high.watermark.checkpoint.interval.ms", SOON_MS));
        // Its producers are not so old that a broker forgets them.
        Workload workload = new Workload(node.servers, System.currentTimeMillis());
        workload.run();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", node.servers))) {
            admin.deleteRecords(Map.of(SHORTENED, RecordsToDelete.beforeOffset(DELETED_BELOW))).all().get();
        }
        Path checkpoint = logDir.resolve("log-start-offset-checkpoint");
        String written = SHORTENED.topic() + " " + SHORTENED.partition() + " " + DELETED_BELOW;
        while (!Files.exists(checkpoint) || !Files.readString(checkpoint).contains(written)) {
            Thread.sleep(LOOK_MS);
        }
        workload.sendMore();
        System.out.println(READY);
        // Nobody lives on whose judge is gone.
        while (System.in.read() >= 0) { }
        Runtime.getRuntime().halt(1);
    }
}
