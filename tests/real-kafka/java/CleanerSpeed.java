// How fast the real cleaner passes over the log that ours is measured with. Run by scripts/bench.
//
//   CleanerSpeed LOG_DIR WORK      prints a line of its table

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public final class CleanerSpeed {
    /** Passes in one process, so that the machine's compiler is warm. */
    private static final int ROUNDS = 5;
    private static final int PATIENCE_MS = 60_000;
    private static final int LOOK_MS = 20;
    /** What the cleaner says of a pass, in its own log. */
    private static final Pattern SAID =
        Pattern.compile("log bench-0.*?MB of log processed in .*?\\(([\\d.,]+) MB/sec\\)", Pattern.DOTALL);

    private CleanerSpeed() { }

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createDirectories(Path.of(arguments[1]));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setProperty("org.slf4j.simpleLogger.log.org.apache.kafka.storage.internals.log", "info");
        PrintStream err = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        List<Double> speeds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Path logDir = work.resolve("round-" + round);
            LogDir.copy(Path.of(arguments[0]), logDir);
            Node.format(RealBroker.ID, logDir, logDir);
            said.reset();
            Node node = Node.start(RealBroker.ID, logDir, logDir, Map.of(
                "log.cleanup.policy", "compact",
                "log.segment.bytes", "16777216",
                "log.cleaner.min.cleanable.ratio", "0.01",
                "log.cleaner.backoff.ms", "50"));
            try {
                speeds.add(waitForPass(said));
            } catch (IllegalStateException silence) {
                err.println(silence.getMessage());
                System.exit(1);
            } finally {
                node.close();
            }
            LogDir.delete(logDir);
        }
        speeds.sort(null);
        System.out.printf("cleaner, 115 B records, Kafka's own\t%.2f\tMB/s%n", speeds.get(ROUNDS / 2));
        System.exit(0);
    }

    private static double waitForPass(ByteArrayOutputStream said) throws InterruptedException {
        for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
            Matcher matcher = SAID.matcher(said.toString(StandardCharsets.UTF_8));
            if (matcher.find()) {
                // Kafka's MB has 2^20 bytes.
                return Double.parseDouble(matcher.group(1).replace(",", "")) * (1 << 20) / 1e6;
            }
            Thread.sleep(LOOK_MS);
        }
        throw new IllegalStateException("the cleaner did not speak of a pass: " + said);
    }
}
