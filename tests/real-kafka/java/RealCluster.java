// A real cluster as ours is: isolated controllers from 101 on and brokers from 1 on, each a process of
// its own with a disk of its own, all on the loopback interface.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

final class RealCluster implements AutoCloseable {
    private static final int FIRST_CONTROLLER = 101;
    private static final int PATIENCE_S = 60;
    /** What a small machine needs to run so many at once. They do nothing but wait, most of the time. */
    private static final List<String> SMALL = List.of(
        "-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    /** Of the settings, those that are not Kafka's but ours. */
    private static final Set<String> OURS = Set.of(
        "brokers", "controllers", "seed", "network.delay.us", "network.damage.per.mille", "writeback.ms",
        "history.rule");
    /** A feature, which is said when a disk is formatted. */
    private static final String ELR = "eligible.leader.replicas.version";

    private final Path work;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, Child> children = new TreeMap<>();

    /** A process, and what it says. */
    private static final class Child {
        final Process process;
        final BufferedReader out;
        boolean isReady;
        boolean isPaused;
        boolean isLeaving;

        Child(Process process) {
            this.process = process;
            this.out = process.inputReader(StandardCharsets.UTF_8);
        }
    }

    /** Makes the disks; nothing runs yet. */
    RealCluster(Map<String, String> settings, Path work) throws Exception {
        this.work = work;
        int brokers = Integer.parseInt(settings.getOrDefault("brokers", "3"));
        int controllers = Integer.parseInt(settings.getOrDefault("controllers", "1"));
        reservePorts(brokers, controllers);
        String cluster = Uuid.randomUuid().toString();
        for (String node : ports.keySet()) {
            Files.createDirectories(disk(node));
            Properties config = config(node);
            settings.forEach((name, value) -> {
                if (!OURS.contains(name) && !name.equals(ELR)) {
                    config.put(name, value);
                }
            });
            try (Writer file = Files.newBufferedWriter(configFile(node))) {
                config.store(file, node);
            }
            Node.formatter(id(node), cluster, disk(node), disk(node))
                .setFeatureLevel(ELR, Short.valueOf(settings.getOrDefault(ELR, "0")))
                .run();
        }
    }

    private void reservePorts(int brokers, int controllers) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < brokers + controllers; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            String node = i < brokers ? "broker-" + (i + 1) : "controller-" + (FIRST_CONTROLLER + i - brokers);
            ports.put(node, socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
    }

    private Properties config(String node) {
        boolean isBroker = node.startsWith("broker-");
        String voters = nodes("controller-")
            .map(controller -> id(controller) + "@localhost:" + ports.get(controller))
            .collect(Collectors.joining(","));
        Properties config = new Properties();
        config.put("process.roles", isBroker ? "broker" : "controller");
        config.put("node.id", Integer.toString(id(node)));
        config.put("listeners", (isBroker ? "PLAINTEXT" : "CONTROLLER") + "://localhost:" + ports.get(node));
        config.put("controller.listener.names", "CONTROLLER");
        config.put("controller.quorum.voters", voters);
        config.put("log.dirs", disk(node).toString());
        config.put("auto.create.topics.enable", "false");
        config.put("num.network.threads", "1");
        config.put("num.io.threads", "2");
        return config;
    }

    /** Deletes topics that nobody needs any more; for that every broker has to be up. */
    void forget(Collection<String> topics) throws Exception {
        for (String node : paused().toList()) {
            resume(node);
        }
        startAll();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers()))) {
            List<String> left = new ArrayList<>(admin.listTopics().names().get());
            left.retainAll(topics);
            admin.deleteTopics(left).all().get();
        }
    }

    void start(String node) throws Exception {
        if (isThere(node)) {
            throw new IllegalStateException(node + " runs already");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(SMALL);
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), "RealNode"));
        command.add(configFile(node).toString());
        children.put(node, new Child(new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(work.resolve(node + ".log").toFile()))
            .start()));
    }

    void crash(String node) throws InterruptedException {
        child(node).process.destroyForcibly().waitFor();
        children.remove(node);
    }

    void stop(String node) throws Exception {
        // Process.destroy() would also end its input, and with that the process.
        signal(node, "TERM");
        child(node).isLeaving = true;
    }

    /** Starts what is down and waits until every broker may serve. */
    void startAll() throws Exception {
        for (String node : ports.keySet()) {
            if (!isThere(node)) {
                start(node);
            }
        }
        Stage.waitFor("every broker serves", this::everybodyServes);
    }

    /** Whether no broker that runs is fenced. */
    boolean everybodyServes() {
        MetadataHistory history = history();
        return running().allMatch(node -> isReady(node) && history.mayServe(id(node)));
    }

    /** Whether a node that was asked to stop has done so. */
    boolean isStopped(String node) {
        Child child = children.get(node);
        if (child != null && child.isLeaving && !child.process.isAlive()) {
            children.remove(node);
        }
        return !children.containsKey(node);
    }

    void pause(String node) throws Exception {
        signal(node, "STOP");
        child(node).isPaused = true;
    }

    void resume(String node) throws Exception {
        signal(node, "CONT");
        child(node).isPaused = false;
    }

    private void signal(String node, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(child(node).process.pid())).start();
        if (!kill.waitFor(PATIENCE_S, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IllegalStateException(node + " cannot be sent SIG" + name);
        }
    }

    /** Whether a node that was started serves. A process that is gone though nobody ended it is an error. */
    boolean isReady(String node) {
        Child child = child(node);
        if (!child.process.isAlive()) {
            throw new IllegalStateException(node + " is gone; see " + work.resolve(node + ".log"));
        }
        try {
            if (!child.isReady && child.out.ready()) {
                child.isReady = RealNode.READY.equals(child.out.readLine());
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return child.isReady;
    }

    /** How many fetches wait for records at the brokers that run. */
    int waitingFetches() throws IOException {
        int waiting = 0;
        for (String node : running().toList()) {
            Child child = child(node);
            OutputStream in = child.process.getOutputStream();
            in.write('\n');
            in.flush();
            waiting += Integer.parseInt(child.out.readLine());
        }
        return waiting;
    }

    private boolean isThere(String node) {
        return !isStopped(node);
    }

    private Child child(String node) {
        Child child = children.get(node);
        if (child == null) {
            throw new IllegalStateException(node + " does not run");
        }
        return child;
    }

    /** Brokers that are not down, neither paused nor asked to stop. */
    Stream<String> running() {
        return nodes("broker-").filter(node -> {
            Child child = children.get(node);
            return child != null && !child.isPaused && !child.isLeaving;
        });
    }

    Stream<String> paused() {
        return children.entrySet().stream().filter(entry -> entry.getValue().isPaused).map(Map.Entry::getKey);
    }

    /** bootstrap.servers */
    String servers() {
        return running().map(node -> "localhost:" + ports.get(node)).collect(Collectors.joining(","));
    }

    /** All nodes whose name begins so. */
    Stream<String> nodes(String prefix) {
        return ports.keySet().stream().filter(node -> node.startsWith(prefix));
    }

    /** Where the disks are. */
    Path directory() {
        return work;
    }

    Path disk(String node) {
        return work.resolve(node);
    }

    private Path configFile(String node) {
        return work.resolve(node + ".properties");
    }

    static int id(String node) {
        return Integer.parseInt(node.substring(node.lastIndexOf('-') + 1));
    }

    /** What the metadata log says; a single controller has all of it. */
    MetadataHistory history() {
        return history(0);
    }

    /** The same, but nothing of it happened before an offset. */
    MetadataHistory history(long since) {
        return MetadataHistory.read(disk("controller-" + FIRST_CONTROLLER), since);
    }

    @Override
    public void close() {
        for (Child child : children.values()) {
            try {
                child.process.destroyForcibly().waitFor();
            } catch (InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }
        children.clear();
    }
}
