// Whether the judge is awake: it must find what is wrong with damaged copies of a partition.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class Damage {
    private final Report report;

    Damage(Report report) {
        this.report = report;
    }

    /** One byte of one file, counted from its start. */
    private record Flip(String suffix, int position, String why) { }

    String check(Path partition, Path work) throws IOException {
        List<Flip> flips = List.of(
            new Flip(".log", 75, "a byte of a record"),
            new Flip(".log", 20, "the CRC"),
            new Flip(".index", 3, "the offset of an index entry"),
            new Flip(".index", 7, "the position of an index entry"),
            new Flip(".timeindex", 7, "the timestamp of a time index entry"),
            new Flip(".timeindex", 11, "the offset of a time index entry"));
        for (Flip flip : flips) {
            LogDir.delete(work);
            LogDir.copy(partition, work);
            Path file = LogDir.files(work, flip.suffix).get(0);
            byte[] bytes = Files.readAllBytes(file);
            bytes[flip.position] ^= 0x10;
            Files.write(file, bytes);
            DumpTool.Result kafka = DumpTool.run(LogDir.dumpable(work), false, "--print-data-log");
            if (kafka.complaints().isEmpty() && !kafka.text().contains("isvalid: false")) {
                report.wrong(flip.why, "was changed, and the judge did not see it");
            }
        }
        return "%d kinds".formatted(flips.size());
    }
}
