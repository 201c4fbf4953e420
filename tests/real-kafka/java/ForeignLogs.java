// What others wrote, before our dump: a real broker, and kafka-python.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class ForeignLogs {
    private final Kafkascope kafkascope;
    private final Report report;

    ForeignLogs(Kafkascope kafkascope, Report report) {
        this.kafkascope = kafkascope;
        this.report = report;
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
            List<Path> all = LogDir.dumpable(partition);
            DumpTool.Result kafka = DumpTool.compare(name, all, true, kafkascope, report);
            String listed = kafkascope.records(LogDir.files(partition, ".log"));
            report.same(name + " records", meant.getOrDefault(name, listed), listed);
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
}
