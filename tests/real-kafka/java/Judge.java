// Apache Kafka judges our bytes, and we read Kafka's. Run by scripts/real-kafka.
//
//   Judge KAFKASCOPE SCENARIOS... WORK     the binary, scripts or directories of them, an empty directory
//
// Exit 0 if all agree.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public final class Judge {
    private Judge() { }

    public static void main(String[] arguments) throws Exception {
        List<Path> paths = Arrays.stream(arguments).map(Path::of).toList();
        Kafkascope kafkascope = new Kafkascope(paths.get(0));
        Path work = paths.get(paths.size() - 1).toAbsolutePath();
        List<Path> scripts = new ArrayList<>();
        for (Path path : paths.subList(1, paths.size() - 1)) {
            scripts.addAll(Files.isDirectory(path) ? LogDir.files(path, ".script") : List.of(path));
        }
        Report report = new Report();
        OurLogs ours = new OurLogs(kafkascope, scripts, work.resolve("ours"), report);
        report.part("export", ours::export);
        report.part("kafka-dump-log.sh reads what scenarios wrote", ours::dump);
        report.part("a broker serves what scenarios wrote", ours::serve);
        RealLogs real = new RealLogs(kafkascope, work.resolve("real"), report);
        report.part("a broker writes", real::write);
        report.part("we read what the broker wrote", real::read);
        System.exit(report.allAgree() ? 0 : 1);
    }
}
