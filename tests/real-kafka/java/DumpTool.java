// Kafka's kafka-dump-log.sh, without a process for each call.

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.tools.DumpLogSegments;

final class DumpTool {
    /** How far it goes: to batches, to records, to their content. */
    private static final List<List<String>> DEPTHS =
        List.of(List.of(), List.of("--deep-iteration"), List.of("--print-data-log"));

    /** What the tool prints, and what it says is wrong. */
    record Result(String text, List<String> complaints) { }

    private DumpTool() { }

    /** Ours prints the same, however far it goes. Answers what the tool prints when it goes furthest. */
    static Result compare(String where, List<Path> files, boolean gaps, Kafkascope kafkascope, Report report) {
        Result kafka = null;
        for (List<String> depth : DEPTHS) {
            String[] options = depth.toArray(new String[0]);
            kafka = run(files, gaps, options);
            report.none(where, kafka.complaints());
            report.same(where + " " + String.join("", depth), kafka.text(), kafkascope.dump(files, options));
        }
        return kafka;
    }

    /**
     * Runs the tool over the files.
     *
     * @param gaps whether offsets may be missing, as they are after compaction
     */
    static Result run(List<Path> files, boolean gaps, String... options) {
        List<String> arguments = new ArrayList<>(Arrays.asList(options));
        arguments.add("--files");
        arguments.add(files.stream().map(Path::toString).collect(Collectors.joining(",")));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteArrayOutputStream words = new ByteArrayOutputStream();
        List<String> complaints = new ArrayList<>();
        try (PrintStream textStream = new PrintStream(text, false, StandardCharsets.UTF_8);
             PrintStream wordStream = new PrintStream(words, false, StandardCharsets.UTF_8)) {
            System.setOut(textStream);
            System.setErr(wordStream);
            DumpLogSegments.main(arguments.toArray(new String[0]));
        } catch (Exception error) {
            complaints.add(error.toString());
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        complaints.addAll(complaints(words.toString(StandardCharsets.UTF_8), gaps));
        return new Result(text.toString(StandardCharsets.UTF_8), complaints);
    }

    /** The tool finds a gap before the first record of every segment but a log's first. That is none. */
    private static List<String> complaints(String words, boolean gaps) {
        List<String> complaints = new ArrayList<>();
        String gapsIn = null;
        for (String line : words.split("\n")) {
            if (line.startsWith("Non-consecutive offsets in ")) {
                gapsIn = line;
            } else if (gapsIn != null && line.contains(" is followed by ")) {
                String name = gapsIn.substring(gapsIn.lastIndexOf('/') + 1);
                long base = Long.parseLong(name.substring(0, name.indexOf('.')));
                boolean isStart = line.strip().equals("-1 is followed by " + base);
                if (!isStart && !gaps) {
                    complaints.add(gapsIn + ":" + line);
                }
            } else if (!line.isBlank()) {
                gapsIn = null;
                complaints.add(line);
            }
        }
        return complaints;
    }
}
