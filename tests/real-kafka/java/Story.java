// A failover script, as our engine played it: each command with its answer, and what the disks hold at
// the end. The same commands are then played on a real cluster by Stage.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * @param settings what the cluster line says
 * @param topics those that are created
 * @param remains what the disks hold
 */
record Story(Map<String, String> settings, List<Step> steps, TreeSet<String> topics, Map<String, String> remains) {
    /** A line that tells what happened meanwhile. */
    private static final String EVENT = "\\d+:\\d\\d\\.\\d{3} #\\d+ .*";
    private static final String CREATE = "kafka-topics.sh --create --topic ";

    /** A command, and what was printed. */
    record Step(String command, String answer) { }

    /** Plays a script here. The work directory must not exist. */
    static Story play(Kafkascope kafkascope, Path script, Path work) throws IOException {
        Files.createDirectories(work.getParent());
        kafkascope.export(script, work);
        Map<String, String> settings = new TreeMap<>();
        List<Step> steps = new ArrayList<>();
        TreeSet<String> topics = new TreeSet<>();
        for (Step step : steps(kafkascope.transcript(script))) {
            String[] words = step.command.split(" ");
            if (words[0].equals("cluster")) {
                for (int i = 1; i < words.length; i++) {
                    String[] setting = words[i].split("=", 2);
                    settings.put(setting[0], setting[1]);
                }
            } else {
                steps.add(step);
                if (step.command.startsWith(CREATE)) {
                    topics.add(step.command.substring(CREATE.length()).split(" ")[0]);
                }
            }
        }
        MetadataHistory history = MetadataHistory.read(work.resolve("controller-101"), 0);
        return new Story(settings, steps, topics, Remains.of(work, history, topics));
    }

    /** What kind of cluster it wants. The seed is of no use to a real one. */
    Map<String, String> cluster() {
        Map<String, String> cluster = new TreeMap<>(settings);
        cluster.remove("seed");
        return cluster;
    }

    private static List<Step> steps(String transcript) {
        List<Step> steps = new ArrayList<>();
        String command = null;
        StringBuilder answer = new StringBuilder();
        for (String line : (transcript + "$ ").lines().toList()) {
            if (line.startsWith("$ ")) {
                if (command != null) {
                    steps.add(new Step(command, answer.toString()));
                }
                command = line.substring(2);
                answer.setLength(0);
            } else if (!line.startsWith("#") && !line.isEmpty() && !line.matches(EVENT)) {
                answer.append(line).append('\n');
            }
        }
        return steps;
    }
}
