// Apache Kafka judges our bytes, and we read Kafka's. Run by scripts/real-kafka.
//
//   Judge BINARIES SEED FOREIGN WORK SCENARIOS...
//
// BINARIES is where kafkascope and the programs of tests/src/bin are, FOREIGN a directory of partitions
// that another client wrote, WORK an empty directory, SCENARIOS scripts or directories of them. Records for
// the cleaners, keys, groups and their members are drawn from SEED.
// Exit 0 if all agree.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public final class Judge {
    private Judge() { }

    public static void main(String[] arguments) throws Exception {
        List<Path> paths = Arrays.stream(arguments).map(argument -> Path.of(argument).toAbsolutePath()).toList();
        Kafkascope kafkascope = new Kafkascope(paths.get(0));
        long seed = Long.parseLong(arguments[1]);
        Path work = paths.get(3);
        List<Path> scripts = new ArrayList<>();
        for (Path path : paths.subList(4, paths.size())) {
            scripts.addAll(Files.isDirectory(path) ? LogDir.files(path, ".script") : List.of(path));
        }
        Report report = new Report();

        OurLogs ours = new OurLogs(kafkascope, scripts, work.resolve("ours"), report);
        report.part("our scenarios leave", ours::export);
        report.part("Kafka's dump tool reads them as we do", ours::dump);
        report.part("it sees damage", () -> new Damage(report).check(ours.longestLog(), work.resolve("damaged")));
        report.part("a real broker serves their records", ours::serve);

        Path real = work.resolve("real");
        RealBroker broker = new RealBroker(real);
        ForeignLogs foreign = new ForeignLogs(kafkascope, report);
        report.part("a real broker writes", broker::write);
        report.part("we read it as Kafka's dump tool does", () -> foreign.read(real, broker.consumed()));
        report.part("we read kafka-python's segments too", () -> foreign.readListed(paths.get(2)));

        Reopened reopened = new Reopened(kafkascope, work.resolve("reopened"), report);
        report.part("we open its logs as it does", () -> reopened.afterStop(real));
        report.part("also after kill -9", reopened::afterKill);
        Compaction compaction = new Compaction(kafkascope, seed, work.resolve("compaction"), report);
        report.part("its cleaner and ours leave the same", compaction::passes);
        report.part("clients work out the same",
            () -> new ClientRules(seed).compare(kafkascope, work.resolve("client-rules"), report));
        System.exit(report.allAgree() ? 0 : 1);
    }
}
