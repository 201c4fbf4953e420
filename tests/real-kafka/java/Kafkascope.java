// Our command line, and what else of ours is to be judged (tests/src/bin), as subprocesses.

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class Kafkascope {
    private final Path binary;
    private final Path logDir;
    private final Path clientRules;

    /** Binaries are where all of them are. */
    Kafkascope(Path binaries) {
        this.binary = binaries.resolve("kafkascope");
        this.logDir = binaries.resolve("log-dir");
        this.clientRules = binaries.resolve("client-rules");
    }

    void export(Path script, Path out) {
        run(binary, List.of("export", script.toString(), "--out", out.toString()));
    }

    /** The scenario with what it printed. */
    String transcript(Path script) {
        return run(binary, List.of("run", script.toString()));
    }

    /** What we know of every partition of a log directory once it is loaded, line by line. */
    String state(Path directory) {
        return run(logDir, List.of("state", directory.toString(), "--now", now()));
    }

    /** The records of a partition after it is loaded, as {@link Records#line} makes them. */
    String loadedRecords(Path directory, String partition) {
        return run(logDir, List.of("records", directory.toString(), partition, "--now", now()));
    }

    /** Our cleaner passes over a partition once, at a time in Unix ms. */
    void clean(Path directory, String partition, Path out, long now, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(
            "clean", directory.toString(), partition, out.toString(), "--now", Long.toString(now)));
        arguments.addAll(options);
        run(logDir, arguments);
    }

    /** One answer a line to the questions of a file. */
    String clientRules(Path questions) {
        return run(clientRules, List.of(questions.toString()));
    }

    private static String now() {
        return Long.toString(System.currentTimeMillis());
    }

    /** What our dump prints of the files; a failure is part of it, so that it shows as a difference. */
    String dump(List<Path> files, String... options) {
        List<String> arguments = arguments("dump-log", files);
        arguments.addAll(List.of(options));
        return run(binary, arguments);
    }

    /** One line for each record, as {@link Records#line} makes them from what a consumer got. */
    String records(List<Path> files) {
        return files.isEmpty() ? "" : dump(files, "--records");
    }

    private static List<String> arguments(String verb, List<Path> files) {
        List<String> arguments = new ArrayList<>(List.of(verb));
        files.forEach(file -> arguments.add(file.toString()));
        return arguments;
    }

    private static String run(Path program, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            boolean isDump = arguments.get(0).equals("dump-log");
            if (status != 0 && !isDump) {
                throw new IllegalStateException(String.join(" ", command) + ": exit " + status + "\n" + text);
            }
            return text;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }
}
