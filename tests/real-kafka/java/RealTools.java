// Kafka's command line tools, without a process for each call.

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kafka.admin.ConfigCommand;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.GetOffsetShell;
import org.apache.kafka.tools.LeaderElectionCommand;
import org.apache.kafka.tools.TopicCommand;
import org.apache.kafka.tools.reassign.ReassignPartitionsCommand;

final class RealTools {
    private interface Tool {
        void run(String[] arguments) throws Exception;
    }

    private static final Map<String, Tool> TOOLS = Map.of(
        "kafka-topics.sh", TopicCommand::main,
        "kafka-configs.sh", ConfigCommand::main,
        "kafka-leader-election.sh", LeaderElectionCommand::main,
        "kafka-reassign-partitions.sh", ReassignPartitionsCommand::main,
        "kafka-get-offsets.sh", GetOffsetShell::main);

    /** A word, or what stands between quotes. */
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private RealTools() { }

    static boolean has(String name) {
        return TOOLS.containsKey(name);
    }

    /** Whether a command of a tool changes nothing. */
    static boolean onlyLooks(String command) {
        return command.startsWith("kafka-get-offsets.sh")
            || command.contains(" --describe") || command.contains(" --list") || command.contains(" --verify");
    }

    /** Its words; what our tools take as a file's text, Kafka's take as a file. */
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            boolean isFile = !words.isEmpty() && words.get(words.size() - 1).endsWith("-json-file");
            String word = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            words.add(isFile ? file(word).toString() : word);
        }
        return words;
    }

    private static Path file(String text) {
        try {
            Path file = Files.createTempFile("story", ".json");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** What it prints; lines lose the spaces at their end, as those of a scenario file do. */
    static String run(String command, String servers) {
        List<String> arguments = words(command);
        Tool tool = TOOLS.get(arguments.remove(0));
        arguments.addAll(List.of("--bootstrap-server", servers));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        // A tool ends its process as the last thing that it does.
        Exit.setExitProcedure((status, message) -> { });
        try (PrintStream stream = new PrintStream(text, false, StandardCharsets.UTF_8)) {
            System.setOut(stream);
            // There it says once more what it has printed, with a stack trace.
            System.setErr(new PrintStream(PrintStream.nullOutputStream()));
            tool.run(arguments.toArray(new String[0]));
        } catch (Exception error) {
            text.writeBytes((error + "\n").getBytes(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
            Exit.resetExitProcedure();
        }
        return text.toString(StandardCharsets.UTF_8).lines()
            .map(line -> line.replaceAll("[ \r]+$", ""))
            .filter(line -> !line.isEmpty())
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    }
}
