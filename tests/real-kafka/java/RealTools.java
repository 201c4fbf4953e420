// Kafka's command line tools, without a process for each call.

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kafka.admin.ConfigCommand;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.GetOffsetShell;
import org.apache.kafka.tools.LeaderElectionCommand;
import org.apache.kafka.tools.TopicCommand;

final class RealTools {
    private interface Tool {
        void run(String[] arguments) throws Exception;
    }

    private static final Map<String, Tool> TOOLS = Map.of(
        "kafka-topics.sh", TopicCommand::main,
        "kafka-configs.sh", ConfigCommand::main,
        "kafka-leader-election.sh", LeaderElectionCommand::main,
        "kafka-get-offsets.sh", GetOffsetShell::main);

    private RealTools() { }

    static boolean has(String name) {
        return TOOLS.containsKey(name);
    }

    /** Whether a command of a tool changes nothing. */
    static boolean onlyLooks(String command) {
        return command.startsWith("kafka-get-offsets.sh")
            || command.contains(" --describe") || command.contains(" --list");
    }

    /** What it prints; lines lose the spaces at their end, as those of a scenario file do. */
    static String run(String command, String servers) {
        List<String> arguments = new ArrayList<>(Arrays.asList(command.split(" ")));
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
            .collect(Collectors.joining("\n", "", "\n"));
    }
}
