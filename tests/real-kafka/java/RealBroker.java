// A real broker as the writer of a log directory.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class RealBroker {
    static final int ID = 1;
    /** Fast enough to compact while the workload runs. */
    private static final Map<String, String> CLEANER = Map.of("log.cleaner.backoff.ms", "50");
    private static final int PATIENCE_MS = 30_000;
    private static final int LOOK_MS = 200;

    private final Path logDir;
    private Map<String, String> consumed = Map.of();

    RealBroker(Path logDir) {
        this.logDir = logDir;
    }

    /** What a consumer got, by partition. */
    Map<String, String> consumed() {
        return consumed;
    }

    String write() throws Exception {
        Files.createDirectories(logDir);
        Node.format(ID, logDir, logDir);
        try (Node node = Node.start(ID, logDir, logDir, CLEANER)) {
            new Workload(node.servers, Workload.START).run();
            waitForCleaner();
            List<String> partitions = LogDir.directories(logDir).stream()
                .map(LogDir::name)
                .filter(name -> !name.startsWith("__"))
                .toList();
            consumed = Records.consume(node.servers, Records.partitions(partitions));
        }
        return "%d partitions, %d records".formatted(consumed.size(), Records.count(consumed.values()));
    }

    /** Until the cleaner has been through the compacted topic and finds nothing more for a second. */
    private void waitForCleaner() throws IOException, InterruptedException {
        Path checkpoint = logDir.resolve("cleaner-offset-checkpoint");
        String last = "";
        int same = 0;
        for (int waited = 0; same * LOOK_MS < 1000; waited += LOOK_MS) {
            if (waited > PATIENCE_MS) {
                throw new IllegalStateException("the cleaner did nothing");
            }
            String text = Files.exists(checkpoint) ? Files.readString(checkpoint) : "";
            same = text.contains(Workload.COMPACTED) && text.equals(last) ? same + 1 : 0;
            last = text;
            Thread.sleep(LOOK_MS);
        }
    }
}
