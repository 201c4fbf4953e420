// What a real broker wrote, before our dump.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

final class RealLogs {
    /**
     * Topics that we cannot read yet, so that their dumps differ. The judge fails if one of them
     * does not: the list can only shrink.
     */
    private static final Set<String> NOT_YET = Set.of("gzip", "snappy", "lz4", "zstd", "__cluster_metadata");

    private static final int ID = 1;
    /** Fast enough to compact while the workload runs. */
    private static final Map<String, String> CLEANER = Map.of("log.cleaner.backoff.ms", "50");
    private static final int PATIENCE_MS = 30_000;

    private final Kafkascope kafkascope;
    private final Path logDir;
    private final Report report;
    private Map<String, String> consumed;

    RealLogs(Kafkascope kafkascope, Path logDir, Report report) {
        this.kafkascope = kafkascope;
        this.logDir = logDir;
        this.report = report;
    }

    String write() throws Exception {
        Files.createDirectories(logDir);
        Node.format(ID, logDir, logDir);
        try (Node node = Node.start(ID, logDir, logDir, CLEANER)) {
            new Workload(node.servers).run();
            waitForCleaner();
            List<String> partitions = LogDir.directories(logDir).stream()
                .map(LogDir::name)
                .filter(name -> !name.startsWith("__"))
                .toList();
            consumed = Records.consume(node.servers, Records.partitions(partitions));
        }
        return "%d partitions, %d records".formatted(consumed.size(), Records.count(consumed.values()));
    }

    /** Until the cleaner has been through the compacted topic and has nothing more to do. */
    private void waitForCleaner() throws IOException, InterruptedException {
        Path checkpoint = logDir.resolve("cleaner-offset-checkpoint");
        String last = "";
        int same = 0;
        for (int waited = 0; same < 5; waited += 200) {
            if (waited > PATIENCE_MS) {
                throw new IllegalStateException("the cleaner did nothing");
            }
            String text = Files.exists(checkpoint) ? Files.readString(checkpoint) : "";
            same = text.contains(Workload.COMPACTED) && text.equals(last) ? same + 1 : 0;
            last = text;
            Thread.sleep(200);
        }
    }

    /** Our dump of every file is Kafka's, and our records are those that a consumer got. */
    String read() {
        int files = 0;
        int records = 0;
        Set<String> differ = new TreeSet<>();
        for (Path partition : LogDir.directories(logDir)) {
            String name = LogDir.name(partition);
            String topic = name.substring(0, name.lastIndexOf('-'));
            List<Path> all = LogDir.dumpable(partition);
            DumpTool.Result kafka = DumpTool.run(all, true, "--print-data-log");
            String dump = kafkascope.dump(all);
            String listed = kafkascope.records(LogDir.files(partition, ".log"));
            String served = consumed.getOrDefault(name, listed);
            if (!NOT_YET.contains(topic)) {
                report.same(name, kafka.text(), dump);
                report.same(name + " records", served, listed);
            } else if (!kafka.text().equals(dump) || !served.equals(listed)) {
                differ.add(topic);
            }
            files += all.size();
            records += kafka.text().lines().filter(line -> line.startsWith("| offset: ")).count();
        }
        Set<String> agree = new TreeSet<>(NOT_YET);
        agree.removeAll(differ);
        agree.forEach(topic -> report.wrong(topic, "it is listed in NOT_YET, but we can read it: take it off"));
        return "%d files, %d records; not yet: %s".formatted(files, records, String.join(" ", differ));
    }
}
