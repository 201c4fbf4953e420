// A log directory that a real broker left, opened by a real broker and by us: where its logs start and
// end, their leader epochs, their producers, their records.

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;

final class Reopened {
    /** Nothing is compacted between our look and that of the broker. */
    private static final Map<String, String> NO_CLEANER = Map.of("log.cleaner.enable", "false");

    private final Kafkascope kafkascope;
    private final Path work;
    private final Report report;

    Reopened(Kafkascope kafkascope, Path work, Report report) {
        this.kafkascope = kafkascope;
        this.work = work;
        this.report = report;
    }

    /** Of a broker that has stopped. */
    String afterStop(Path logDir) throws Exception {
        Path copy = work.resolve("stopped");
        Files.createDirectories(work);
        LogDir.copy(logDir, copy);
        return open("after a stop", copy);
    }

    /** Of a broker that is killed. One log then gets a torn end, another a damaged last batch. */
    String afterKill() throws Exception {
        Path logDir = work.resolve("killed");
        Files.createDirectories(logDir);
        Process broker = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-classpath", System.getProperty("java.class.path"), "KilledBroker", logDir.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = broker.inputReader()) {
            if (!KilledBroker.READY.equals(lines.readLine())) {
                throw new IllegalStateException("the broker that was to be killed did not get so far");
            }
        } finally {
            broker.destroyForcibly().waitFor();
        }
        if (Files.exists(logDir.resolve(".kafka_cleanshutdown"))) {
            report.wrong("after a kill", "the broker had time to stop");
        }
        Path torn = lastSegment(logDir.resolve("gzip-0"));
        Files.write(torn, Arrays.copyOf(Files.readAllBytes(torn), 100), StandardOpenOption.APPEND);
        Path damaged = lastSegment(logDir.resolve("none-1"));
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length - 1] ^= 1;
        Files.write(damaged, bytes);
        return open("after a kill", logDir);
    }

    private static Path lastSegment(Path partition) {
        List<Path> logs = LogDir.files(partition, ".log");
        return logs.get(logs.size() - 1);
    }

    private String open(String when, Path logDir) throws Exception {
        List<String> partitions = LogDir.directories(logDir).stream()
            .map(LogDir::name)
            .filter(name -> !name.startsWith("__"))
            .toList();
        String state = kafkascope.state(logDir).lines()
            .filter(line -> !line.startsWith("__"))
            .collect(Collectors.joining("\n"));
        Map<String, String> ours = partitions.stream()
            .collect(Collectors.toMap(Function.identity(), name -> kafkascope.loadedRecords(logDir, name)));
        Map<String, String> starts = new TreeMap<>();
        Map<String, List<String>> producers = new TreeMap<>();
        Map<String, Long> ends = new TreeMap<>();
        Map<String, String> served;
        try (Node node = Node.start(RealBroker.ID, logDir, logDir, NO_CLEANER);
             Admin admin = Admin.create(Map.of("bootstrap.servers", node.servers))) {
            List<TopicPartition> all = Records.partitions(partitions);
            offsets(admin, all, OffsetSpec.latest()).forEach((id, at) -> ends.put(id.toString(), at.offset()));
            offsets(admin, all, OffsetSpec.earliest()).forEach((id, at) ->
                starts.put(id.toString(), "%s from %d to %d".formatted(id, at.offset(), ends.get(id.toString()))));
            admin.describeProducers(all).all().get().forEach((id, known) ->
                producers.put(id.toString(), known.activeProducers().stream().map(Reopened::line).sorted().toList()));
            served = Records.consume(node.servers, all);
        }
        StringBuilder real = new StringBuilder();
        for (String partition : partitions) {
            real.append(starts.get(partition)).append('\n');
            for (String epoch : epochs(logDir.resolve(partition), ends.get(partition))) {
                real.append(partition).append(epoch).append('\n');
            }
            producers.get(partition).forEach(line -> real.append(partition).append(line).append('\n'));
        }
        report.same(when, real.toString().strip(), state);
        for (String partition : partitions) {
            report.same(partition + " " + when, served.get(partition), ours.get(partition));
        }
        return "%d partitions, %d records, %d producers, %d logs that start above 0".formatted(
            partitions.size(), Records.count(served.values()), producers.values().stream().mapToInt(List::size).sum(),
            starts.values().stream().filter(line -> !line.contains(" from 0 ")).count());
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
        Admin admin, List<TopicPartition> partitions, OffsetSpec spec) throws Exception {
        return admin.listOffsets(partitions.stream().collect(Collectors.toMap(id -> id, id -> spec))).all().get();
    }

    private static String line(ProducerState producer) {
        return " producer %d epoch %d sequence %d at %d coordinator %d transaction %d".formatted(
            producer.producerId(), producer.producerEpoch(), producer.lastSequence(), producer.lastTimestamp(),
            producer.coordinatorEpoch().orElse(-1), producer.currentTransactionStartOffset().orElse(-1));
    }

    /** Without the epoch that began when the broker that was asked led at the end of the log. */
    private static List<String> epochs(Path partition, long end) throws IOException {
        Path checkpoint = partition.resolve("leader-epoch-checkpoint");
        return Files.readAllLines(checkpoint, StandardCharsets.UTF_8).stream()
            .skip(2)
            .map(line -> line.split(" "))
            .filter(entry -> Long.parseLong(entry[1]) < end)
            .map(entry -> " epoch " + entry[0] + " from " + entry[1])
            .toList();
    }
}
