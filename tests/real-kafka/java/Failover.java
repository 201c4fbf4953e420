// The same failover scripts on a real cluster and on ours: who leads in which epochs, which records
// survive, what Kafka's tools print. Run by scripts/real-kafka.
//
//   Failover BINARIES WORK SCRIPTS
//
// BINARIES is where kafkascope is, WORK an empty directory, SCRIPTS a directory of scripts or one of them.
// Exit 0 if all agree.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

public final class Failover implements AutoCloseable {
    /** Ours is changed so, in a script of that name: then it must differ from the real cluster in all these. */
    private record Wrong(String script, String from, String to, List<String> differs) { }

    private static final List<Wrong> WRONG = List.of(
        new Wrong("leader-crash", "--replica-assignment 1:2:3", "--replica-assignment 1:3:2",
            List.of("kafka-topics.sh --describe", "what became of orders-0")),
        new Wrong("several-failovers", "value=second count=2", "value=second count=3",
            List.of("log of rounds-0 on broker-1", "cat broker-3", Remains.CHECKPOINT + " of rounds-0 on broker-2")));

    private final Kafkascope kafkascope;
    private final Path work;
    private final Report report = new Report();
    private final Map<String, Stage.Played> played = new HashMap<>();

    /** Stories that want the same kind of cluster take turns on one. */
    private RealCluster cluster;
    private Map<String, String> kind = Map.of();
    private int clusters;
    private final Set<String> topics = new HashSet<>();

    private Failover(Kafkascope kafkascope, Path work) {
        this.kafkascope = kafkascope;
        this.work = work;
    }

    public static void main(String[] arguments) throws Exception {
        Path binaries = Path.of(arguments[0]).toAbsolutePath();
        Path scripts = Path.of(arguments[2]);
        boolean isOne = Files.isRegularFile(scripts);
        boolean allAgree;
        try (Failover failover = new Failover(
            new Kafkascope(binaries),
            Path.of(arguments[1]).toAbsolutePath())) {
            for (Path script : isOne ? List.of(scripts) : LogDir.files(scripts, ".script")) {
                failover.report.part(name(script), () -> failover.play(script));
            }
            if (!isOne) {
                failover.report.part("it sees wrong outcomes", () -> failover.staysAwake(scripts));
            }
            allAgree = failover.report.allAgree();
        }
        System.exit(allAgree ? 0 : 1);
    }

    private static String name(Path script) {
        return LogDir.name(script).replace(".script", "");
    }

    private String play(Path script) throws Exception {
        Story story = Story.play(kafkascope, script, work.resolve("ours").resolve(name(script)));
        for (String topic : story.topics()) {
            // A broker that starts gives a topic the settings of an earlier one of that name that was deleted
            // (ConfigurationsDelta forgets nothing that it learned since the last image).
            if (!topics.add(topic)) {
                throw new IllegalStateException("another story has a topic " + topic);
            }
        }
        prepare(story.cluster());
        try (Stage stage = new Stage(cluster, story)) {
            Stage.Played outcome = stage.play();
            played.put(name(script), outcome);
            compare(name(script), story, outcome, report);
            cluster.forget(story.topics());
            return "%d answers, %d remains".formatted(outcome.answers().size(), outcome.remains().size());
        } catch (Exception error) {
            // What it left is no ground for the next.
            close();
            throw error;
        }
    }

    /** A cluster of that kind, with every node up. */
    private void prepare(Map<String, String> wanted) throws Exception {
        if (cluster == null || !wanted.equals(kind)) {
            close();
            clusters++;
            cluster = new RealCluster(wanted, work.resolve("cluster-" + clusters));
            kind = wanted;
        }
        cluster.startAll();
    }

    private static void compare(String where, Story story, Stage.Played real, Report report) {
        for (int i = 0; i < story.steps().size(); i++) {
            Story.Step step = story.steps().get(i);
            if (real.answers().containsKey(i)) {
                report.same(where + ": " + step.command(), real.answers().get(i), Stage.masked(step.answer()));
            }
        }
        Map<String, String> all = new TreeMap<>(story.remains());
        all.putAll(real.remains());
        for (String what : all.keySet()) {
            report.same(where + ": " + what,
                real.remains().getOrDefault(what, "(nothing)"), story.remains().getOrDefault(what, "(nothing)"));
        }
    }

    /** Ours with something changed must not agree with the real cluster any more. */
    private String staysAwake(Path scripts) throws Exception {
        int seen = 0;
        for (Wrong wrong : WRONG) {
            String text = Files.readString(scripts.resolve(wrong.script + ".script"));
            String changed = text.replace(wrong.from, wrong.to);
            Path script = work.resolve(wrong.script + ".script");
            Files.writeString(script, changed);
            Story story = Story.play(kafkascope, script, work.resolve("wrong").resolve(wrong.script));
            List<String> differences = new ArrayList<>();
            compare(wrong.script, story, played.get(wrong.script), new Report() {
                @Override
                void wrong(String where, String what) {
                    differences.add(where);
                }
            });
            for (String differs : wrong.differs) {
                if (differences.stream().noneMatch(where -> where.startsWith(wrong.script + ": " + differs))) {
                    report.wrong(differs, "does not differ, though ours was changed to `" + wrong.to + "`");
                }
            }
            seen += differences.size();
        }
        return seen + " differences";
    }

    @Override
    public void close() {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }
}
