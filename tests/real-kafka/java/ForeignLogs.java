// What others wrote, before our dump: a real broker, and kafka-python.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

final class ForeignLogs {
    private final Kafkascope kafkascope;
    private final Report report;
    /** Topics that we cannot read yet. */
    private final Set<String> notYet;
    private final Set<String> differ = new TreeSet<>();

    ForeignLogs(Kafkascope kafkascope, Path notYet, Report report) throws IOException {
        this.kafkascope = kafkascope;
        this.report = report;
        this.notYet = Files.readAllLines(notYet).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Our dump of every file is that of Kafka's tool, and our records are those that were meant.
     *
     * @param meant by "topic-partition"; those left out are not compared
     */
    String read(Path logDir, Map<String, String> meant) {
        int files = 0;
        int records = 0;
        for (Path partition : LogDir.directories(logDir)) {
            String name = LogDir.name(partition);
            String topic = name.substring(0, name.lastIndexOf('-'));
            List<Path> all = LogDir.dumpable(partition);
            DumpTool.Result kafka = DumpTool.run(all, true, "--print-data-log");
            String dump = kafkascope.dump(all);
            String listed = kafkascope.records(LogDir.files(partition, ".log"));
            report.none(name, kafka.complaints());
            if (!notYet.contains(topic)) {
                report.same(name, kafka.text(), dump);
                report.same(name + " records", meant.getOrDefault(name, listed), listed);
            } else if (!kafka.text().equals(dump)) {
                differ.add(topic);
            }
            files += all.size();
            records += kafka.text().lines().filter(line -> line.startsWith("| offset: ")).count();
        }
        return "%d files, %d records".formatted(files, records);
    }

    /** The records that are listed beside each segment. */
    String readListed(Path logDir) throws IOException {
        Map<String, String> meant = new HashMap<>();
        for (Path partition : LogDir.directories(logDir)) {
            meant.put(LogDir.name(partition), Files.readString(partition.resolve("records.txt")));
        }
        return read(logDir, meant);
    }

    /** What is listed as not readable yet must not be: so the list can only shrink. */
    String checkList() {
        Set<String> agree = new TreeSet<>(notYet);
        agree.removeAll(differ);
        agree.forEach(topic -> report.wrong(topic, "we can read it: take it off the list in not-yet.txt"));
        return notYet.isEmpty() ? "nothing" : String.join(", ", notYet);
    }
}
