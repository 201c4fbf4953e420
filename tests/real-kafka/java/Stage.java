// Plays a story on a real cluster: every command of ours has its counterpart. Real time is waited for by
// looking at states; how long, nobody says but PATIENCE.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.metadata.PartitionRegistration;
import org.apache.kafka.metadata.Replicas;

final class Stage implements AutoCloseable {
    private static final long PATIENCE_MS = 60_000;
    /** How long an answer may be another than ours before it is a difference. */
    private static final long SETTLED_MS = 10_000;
    private static final long LOOK_MS = 50;
    private static final Map<String, BiPredicate<Long, Long>> COMPARISONS = Map.of(
        "==", (a, b) -> a.equals(b),
        "!=", (a, b) -> !a.equals(b),
        ">=", (a, b) -> a >= b,
        "<=", (a, b) -> a <= b,
        ">", (a, b) -> a > b,
        "<", (a, b) -> a < b);

    private final RealCluster cluster;
    private final RealClients clients;
    private final Story story;
    /** Where the metadata log ends when the story begins. */
    private final long since;

    /**
     * What came of a story in the real cluster.
     *
     * @param answers by the number of the step, of those that have an answer in a real cluster
     */
    record Played(Map<Integer, String> answers, Map<String, String> remains) { }

    Stage(RealCluster cluster, Story story) {
        this.cluster = cluster;
        this.clients = new RealClients(cluster::servers);
        this.story = story;
        this.since = cluster.history().end();
    }

    Played play() throws Exception {
        Map<Integer, String> answers = new HashMap<>();
        for (int i = 0; i < story.steps().size(); i++) {
            Story.Step step = story.steps().get(i);
            try {
                String answer = carryOut(step);
                if (answer != null) {
                    answers.put(i, answer);
                }
            } catch (Exception error) {
                throw new IllegalStateException("at `" + step.command() + "`: " + error.getMessage(), error);
            }
        }
        Map<String, String> remains = settled(story.remains(),
            () -> Remains.of(cluster.directory(), cluster.history(since), story.topics()));
        return new Played(answers, remains);
    }

    /** Does what a command says, and gives back what is to be compared, or null. */
    private String carryOut(Story.Step step) throws Exception {
        String command = step.command();
        String[] words = command.split(" ");
        if (RealTools.has(words[0])) {
            Callable<String> run = () -> masked(RealTools.run(command, cluster.servers()));
            return RealTools.onlyLooks(command) ? settled(masked(step.answer()), run) : run.call();
        }
        switch (words[0]) {
            case "start" -> cluster.start(words[1]);
            case "crash" -> cluster.crash(words[1]);
            case "stop" -> cluster.stop(words[1]);
            case "pause" -> cluster.pause(words[1]);
            case "resume" -> cluster.resume(words[1]);
            case "producer" -> clients.producer(options(words), words[1]);
            case "produce" -> clients.produce(options(words), words[1]);
            case "consume" -> clients.consume(options(words), words[1]);
            case "run" -> run(words);
            case "cat" -> {
                Path file = cluster.disk(words[1]).resolve(words[2]);
                return settled(step.answer(), () -> Files.exists(file) ? Files.readString(file) : "");
            }
            case "show" -> {
                require(command.equals("show clients"), command);
                return settled(step.answer(), clients::show);
            }
            default -> require(false, command);
        }
        return null;
    }

    private static void require(boolean known, String command) {
        if (!known) {
            throw new IllegalArgumentException("`" + command + "` has no counterpart in a real cluster");
        }
    }

    private static Map<String, String> options(String[] words) {
        Map<String, String> options = new HashMap<>();
        Arrays.stream(words).skip(2).map(word -> word.split("=", 2)).forEach(pair -> options.put(pair[0], pair[1]));
        return options;
    }

    /**
     * Ids are drawn, and only a real disk is somewhere; a refusal of ours has Kafka's words at its end, in
     * brackets, and Kafka's comes with the exception that it is about.
     */
    static String masked(String answer) {
        return answer.replaceAll("TopicId: \\S+", "TopicId: ...")
            .replaceAll("\"/[^\"]*/broker-\\d+\"", "\"any\"")
            .replaceAll("(?m)^refused: .*\\([A-Za-z_]+: (.*)\\)$", "refused: $1")
            .replaceAll("(?m)^(?:org\\.apache\\.kafka\\.\\S+Exception: |\\s+at ).*\n", "")
            .replaceAll("(?m)^Error(?: while executing topic command )?: ", "refused: ");
    }

    /** Until a condition holds; or for a while, which is until the fetches of those who are paused are answered. */
    private void run(String[] words) throws Exception {
        if (words[1].equals("until")) {
            waitFor(String.join(" ", words), () -> holds(words));
        } else {
            waitFor("no fetch waits", () -> cluster.waitingFetches() == 0);
        }
    }

    private boolean holds(String[] words) throws Exception {
        switch (words[2]) {
            case "ready":
                return cluster.everybodyServes();
            case "quiet":
                return cluster.everybodyServes() && clients.nothingOutstanding() && inSync();
            case "stopped":
                return cluster.isStopped(words[3]);
            case "leader": {
                PartitionRegistration partition = cluster.history().partition(words[3]);
                long leader = words[5].equals("none") ? -1 : RealCluster.id(words[5]);
                return partition != null && COMPARISONS.get(words[4]).test((long) partition.leader, leader);
            }
            case "isr": {
                PartitionRegistration partition = cluster.history().partition(words[3]);
                Set<Integer> isr = Arrays.stream(words[5].split(",")).map(Integer::valueOf).collect(Collectors.toSet());
                boolean same = partition != null && isr.equals(Set.copyOf(Replicas.toList(partition.isr)));
                return same == words[4].equals("==");
            }
            default:
                // WHAT [WHERE] [PARTITION] COMPARISON NUMBER
                int at = IntStream.range(3, words.length)
                    .filter(i -> COMPARISONS.containsKey(words[i])).findFirst().orElseThrow();
                return COMPARISONS.get(words[at]).test(
                    number(words[2], words[3], words[at - 1]), Long.parseLong(words[at + 1]));
        }
    }

    private long number(String what, String of, String partition) throws Exception {
        return switch (what) {
            case "acknowledged" -> clients.acknowledged(of);
            case "failed" -> clients.failed(of);
            case "position" -> clients.position(of, partition(partition));
            case "high-watermark" -> clients.highWatermark(partition(partition));
            case "log-end" -> {
                boolean atLeader = of.equals(partition);
                String node = atLeader ? "broker-" + cluster.history().partition(partition).leader : of;
                yield Remains.logEnd(cluster.disk(node).resolve(partition));
            }
            default -> throw new IllegalArgumentException("a real cluster has no " + what);
        };
    }

    private static TopicPartition partition(String name) {
        int dash = name.lastIndexOf('-');
        return new TopicPartition(name.substring(0, dash), Integer.parseInt(name.substring(dash + 1)));
    }

    /** Every replica whose broker runs is in the ISR of a partition that has a leader, and has its whole log. */
    private boolean inSync() {
        MetadataHistory history = cluster.history();
        List<String> running = cluster.running().toList();
        for (String topic : story.topics()) {
            for (String partition : history.partitions(topic)) {
                PartitionRegistration state = history.partition(partition);
                if (state == null || state.leader < 0) {
                    continue;
                }
                List<Integer> isr = Arrays.stream(state.isr).boxed().toList();
                long end = Remains.logEnd(cluster.disk("broker-" + state.leader).resolve(partition));
                for (int replica : state.replicas) {
                    String broker = "broker-" + replica;
                    boolean has = isr.contains(replica)
                        && Remains.logEnd(cluster.disk(broker).resolve(partition)) == end;
                    if (running.contains(broker) && !has) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** The first answer that is as expected; if none is, the last one. */
    private static <T> T settled(T expected, Callable<T> ask) throws Exception {
        long deadline = System.nanoTime() + SETTLED_MS * 1_000_000;
        T answer = ask.call();
        while (!answer.equals(expected) && System.nanoTime() < deadline) {
            Thread.sleep(LOOK_MS);
            answer = ask.call();
        }
        return answer;
    }

    static void waitFor(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("in vain for " + PATIENCE_MS / 1000 + " s: " + what);
            }
            Thread.sleep(LOOK_MS);
        }
    }

    @Override
    public void close() {
        clients.close();
    }
}
