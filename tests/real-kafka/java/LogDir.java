// A broker's log directory: its partitions and their files.

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

final class LogDir {
    /** Where brokers and controllers keep the metadata log. */
    static final String METADATA = "__cluster_metadata-0";

    private static final List<String> DUMPED = List.of(".log", ".index", ".timeindex", ".txnindex", ".snapshot");

    private LogDir() { }

    /** The directories in it, sorted by name: partitions in a log directory, nodes in an export. */
    static List<Path> directories(Path parent) {
        return list(parent, Files::isDirectory);
    }

    /** The partitions in a log directory, without those that were put away. */
    static List<Path> partitions(Path logDir) {
        return list(logDir, path -> Files.isDirectory(path) && !name(path).matches(".*-(delete|stray)"));
    }

    /** What the dump tool can read of a partition. */
    static List<Path> dumpable(Path partition) {
        return list(partition, file -> DUMPED.contains(suffix(file)));
    }

    static List<Path> files(Path partition, String suffix) {
        return list(partition, file -> suffix(file).equals(suffix));
    }

    /** The whole batches of a segment, which may be growing. */
    static Iterable<? extends RecordBatch> batches(Path log) {
        try {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(log))).batches();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static String name(Path path) {
        return path.getFileName().toString();
    }

    static String suffix(Path file) {
        String name = name(file);
        return name.substring(Math.max(name.lastIndexOf('.'), 0));
    }

    static void copy(Path from, Path to) {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static List<Path> list(Path directory, java.util.function.Predicate<Path> which) {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(which).sorted().toList();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
