// What our engine wrote, before Kafka's dump tool and before a real broker.

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

final class OurLogs {
    private final Kafkascope kafkascope;
    private final List<Path> scripts;
    private final Path work;
    private final Report report;

    /**
     * The disk of one node at the end of one scenario.
     *
     * @param gaps whether records may be missing, because a cleaner was there
     * @param isTorn whether its files do not fit together, because the host lost power
     */
    private record Tree(Path path, boolean gaps, boolean isTorn) { }

    private final List<Tree> trees = new ArrayList<>();

    OurLogs(Kafkascope kafkascope, List<Path> scripts, Path work, Report report) {
        this.kafkascope = kafkascope;
        this.scripts = scripts;
        this.work = work;
        this.report = report;
    }

    String export() throws IOException {
        for (Path script : scripts) {
            Path out = work.resolve("export").resolve(LogDir.name(script).replace(".script", ""));
            Files.createDirectories(out.getParent());
            kafkascope.export(script, out);
            boolean gaps = Files.readString(script).contains("compact");
            boolean isTorn = LogDir.name(script).startsWith("torn-");
            LogDir.directories(out).forEach(tree -> trees.add(new Tree(tree, gaps, isTorn)));
        }
        return "%d disks of %d scenarios".formatted(trees.size(), scripts.size());
    }

    /** Kafka's tool accepts every file, its indexes are sane, and our dump is the same text. */
    String dump() {
        int files = 0;
        int records = 0;
        int torn = 0;
        for (Tree tree : trees) {
            for (Path partition : LogDir.directories(tree.path)) {
                String where = work.relativize(partition).toString();
                List<Path> all = tree.isTorn ? LogDir.files(partition, ".log") : LogDir.dumpable(partition);
                DumpTool.Result kafka = DumpTool.compare(where, all, tree.gaps, kafkascope, report);
                if (kafka.text().contains(" isvalid: false")) {
                    report.wrong(where, "a batch is not valid");
                }
                List<Path> indexes = all.stream().filter(file -> LogDir.suffix(file).endsWith("index")).toList();
                if (!indexes.isEmpty()) {
                    report.none(where, DumpTool.run(indexes, true, "--index-sanity-check").complaints());
                }
                if (LogDir.name(partition).equals(LogDir.METADATA)) {
                    metadata(where, LogDir.files(partition, ".log"));
                }
                files += all.size();
                records += kafka.text().lines().filter(line -> line.startsWith("| offset: ")).count();
                torn += kafka.text().lines().filter(line -> line.contains(" invalid bytes at the end")).count();
            }
        }
        return "%d files, %d records, %d torn ends".formatted(files, records, torn);
    }

    /** The partition with the largest first segment, whose indexes have most to say. */
    Path longestLog() {
        return trees.stream()
            .flatMap(tree -> LogDir.directories(tree.path).stream())
            .max(Comparator.comparingLong(partition -> LogDir.files(partition, ".log").get(0).toFile().length()))
            .orElseThrow();
    }

    /** Kafka knows the records of our metadata log. */
    private void metadata(String where, List<Path> logs) {
        DumpTool.Result kafka = DumpTool.run(logs, false, "--cluster-metadata-decoder");
        report.none(where, kafka.text().lines().filter(line -> line.contains("Error at ")).toList());
    }

    /**
     * A real broker of the same id starts on each disk of a broker, and serves the records that are
     * on it. Nothing of ours is changed, but the metadata log is left out: the broker is a cluster of
     * its own and has another.
     */
    String serve() throws Exception {
        int brokers = 0;
        int records = 0;
        Set<String> seen = new HashSet<>();
        for (Tree tree : trees) {
            if (!LogDir.name(tree.path).startsWith("broker-")) {
                continue;
            }
            Path logDir = work.resolve("served").resolve(work.resolve("export").relativize(tree.path));
            Files.createDirectories(logDir.getParent());
            LogDir.copy(tree.path, logDir);
            LogDir.delete(logDir.resolve(LogDir.METADATA));
            List<String> partitions = LogDir.partitions(logDir).stream().map(LogDir::name).toList();
            // Followers mostly hold what their leader holds: the same bytes are served once.
            if (partitions.isEmpty() || !seen.add(bytes(logDir))) {
                continue;
            }
            Map<String, String> served = serve(id(tree.path), logDir, partitions);
            for (String partition : partitions) {
                List<Path> logs = LogDir.files(tree.path.resolve(partition), ".log");
                String where = work.relativize(logDir.resolve(partition)).toString();
                String ours = kafkascope.records(logs);
                report.same(where, beginning(partition, served.get(partition), ours.lines().count()), ours);
            }
            brokers++;
            records += Records.count(served.values());
        }
        return "%d brokers, %d records".formatted(brokers, records);
    }

    /** What tells the logs of two disks apart. */
    private static String bytes(Path logDir) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path partition : LogDir.partitions(logDir)) {
            digest.update(LogDir.name(partition).getBytes(StandardCharsets.UTF_8));
            for (Path log : LogDir.files(partition, ".log")) {
                digest.update(LogDir.name(log).getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(log));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * A broker that finds an open transaction of long ago, or a group without its members, ends it at
     * once: what it adds to an internal topic is its own.
     */
    private static String beginning(String partition, String served, long records) {
        if (!partition.startsWith("__")) {
            return served;
        }
        return served.lines().limit(records).map(line -> line + "\n").collect(Collectors.joining());
    }

    private static Map<String, String> serve(int id, Path logDir, List<String> partitions) throws Exception {
        Path metadataDir = logDir.resolveSibling(LogDir.name(logDir) + ".metadata");
        Node.format(id, logDir, metadataDir);
        try (Node node = Node.start(id, logDir, metadataDir, Map.of())) {
            return Records.consume(node.servers, Records.partitions(partitions));
        }
    }

    private static int id(Path tree) {
        return Integer.parseInt(LogDir.name(tree).substring("broker-".length()));
    }
}
