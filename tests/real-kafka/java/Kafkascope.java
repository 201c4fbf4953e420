// Our command line, as a subprocess.

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class Kafkascope {
    private final Path binary;

    Kafkascope(Path binary) {
        this.binary = binary.toAbsolutePath();
    }

    void export(Path script, Path out) {
        run(List.of("export", script.toString(), "--out", out.toString()));
    }

    /** What our dump prints of the files; a failure is part of it, so that it shows as a difference. */
    String dump(List<Path> files) {
        return run(arguments("dump-log", files));
    }

    /** One line for each record, as {@link Records#line} makes them from what a consumer got. */
    String records(List<Path> files) {
        List<String> arguments = arguments("dump-log", files);
        arguments.add("--records");
        return files.isEmpty() ? "" : run(arguments);
    }

    private static List<String> arguments(String verb, List<Path> files) {
        List<String> arguments = new ArrayList<>(List.of(verb));
        files.forEach(file -> arguments.add(file.toString()));
        return arguments;
    }

    private String run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(binary.toString()));
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
