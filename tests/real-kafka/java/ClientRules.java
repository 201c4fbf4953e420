// What Kafka's clients work out by themselves, on random inputs: the partition of a key and of a group, and
// how each assignor shares partitions among members that come and go. Members tell each other by Kafka's
// own bytes, which ours have to read and write.

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.RebalanceProtocol;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

final class ClientRules {
    private static final int KEYS = 2_000;
    private static final int GROUPS = 2_000;
    private static final int HISTORIES = 500;
    private static final int REBALANCES = 6;

    private final Random random;
    private final List<String> questions = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();

    /** Between two rebalances: its topics, and what it got in which generation, if it was there. */
    private static final class Member {
        final Optional<String> instance;
        final List<String> topics;
        List<TopicPartition> owned = List.of();
        int generation = -1;

        Member(Optional<String> instance, List<String> topics) {
            this.instance = instance;
            this.topics = topics;
        }
    }

    ClientRules(long seed) {
        random = new Random(seed);
    }

    /** Asks the real ones and ours, and compares. */
    String compare(Kafkascope kafkascope, Path work, Report report) throws Exception {
        IntStream.range(0, KEYS).forEach(any -> key());
        IntStream.range(0, GROUPS).forEach(any -> group());
        for (int i = 0; i < HISTORIES; i++) {
            history(List.of(
                new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(), new CooperativeStickyAssignor())
                .get(i % 4));
        }
        Files.createDirectories(work);
        Path file = Files.write(work.resolve("questions"), questions);
        List<String> ours = kafkascope.clientRules(file).lines().toList();
        for (int i = 0; i < questions.size(); i++) {
            report.same(questions.get(i), answers.get(i), i < ours.size() ? ours.get(i) : "(nothing)");
        }
        return "%d keys, %d groups, %d rebalances".formatted(KEYS, GROUPS, HISTORIES * REBALANCES);
    }

    private void ask(String question, String answer) {
        questions.add(question);
        answers.add(answer);
    }

    private void key() {
        byte[] key = new byte[random.nextInt(40)];
        random.nextBytes(key);
        int partitions = 1 + random.nextInt(100);
        ask("key %s %d".formatted(hex(ByteBuffer.wrap(key)), partitions),
            Integer.toString(BuiltInPartitioner.partitionForKey(key, partitions)));
    }

    private void group() {
        // Also what is no ASCII, and what takes two of Java's characters.
        String group = random.ints(1 + random.nextInt(30), 0x21, 0x1_0fff)
            .filter(point -> Character.isLetterOrDigit(point))
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString() + "g";
        int partitions = 1 + random.nextInt(100);
        ask("group %s %d".formatted(group, partitions),
            Integer.toString(Utils.abs(group.hashCode()) % partitions));
    }

    /** A group that goes through some rebalances. */
    private void history(ConsumerPartitionAssignor assignor) {
        Map<String, Integer> topics = new TreeMap<>();
        IntStream.rangeClosed(1, 1 + random.nextInt(4)).forEach(n -> topics.put("topic-" + n, 1 + random.nextInt(9)));
        boolean everybodyWantsAll = random.nextBoolean();
        Map<String, Member> members = new TreeMap<>();
        for (int generation = 1; generation <= REBALANCES; generation++) {
            comeAndGo(members, topics, everybodyWantsAll);
            if (random.nextInt(4) == 0) {
                topics.computeIfPresent(anyOf(topics.keySet()), (topic, count) -> count + random.nextInt(3));
            }
            rebalance(assignor, topics, members, generation);
        }
    }

    private void comeAndGo(Map<String, Member> members, Map<String, Integer> topics, boolean everybodyWantsAll) {
        if (members.size() > 1 && random.nextBoolean()) {
            members.remove(anyOf(members.keySet()));
        }
        int coming = members.isEmpty() ? 1 + random.nextInt(4) : random.nextInt(3);
        for (int i = 0; i < coming; i++) {
            List<String> wanted = new ArrayList<>(topics.keySet());
            if (!everybodyWantsAll) {
                Collections.shuffle(wanted, random);
                wanted = wanted.subList(0, 1 + random.nextInt(wanted.size()));
            }
            String id = "consumer-%d-%s".formatted(random.nextInt(100), Long.toHexString(random.nextLong()));
            boolean isStatic = random.nextInt(4) == 0;
            members.put(id, new Member(
                isStatic ? Optional.of("instance-" + random.nextInt(1_000_000)) : Optional.empty(), wanted));
        }
    }

    private void rebalance(
            ConsumerPartitionAssignor assignor, Map<String, Integer> topics, Map<String, Member> members, int generation) {
        Map<String, Subscription> subscriptions = new TreeMap<>();
        StringBuilder question = new StringBuilder("assign ").append(assignor.name()).append(' ')
            .append(topics.entrySet().stream().map(t -> t.getKey() + ":" + t.getValue()).collect(Collectors.joining(",")));
        members.forEach((id, member) -> {
            ByteBuffer told = ConsumerProtocol.serializeSubscription(subscription(assignor, id, member));
            question.append(" %s/%s/%s".formatted(id, member.instance.orElse("-"), hex(told)));
            Subscription heard = ConsumerProtocol.deserializeSubscription(told);
            heard.setGroupInstanceId(member.instance);
            subscriptions.put(id, heard);
        });
        Map<String, Assignment> assigned =
            new TreeMap<>(assignor.assign(cluster(topics), new GroupSubscription(subscriptions)).groupAssignment());
        ask(question.toString(), assigned.entrySet().stream()
            .map(entry -> entry.getKey() + "/" + hex(ConsumerProtocol.serializeAssignment(entry.getValue())))
            .collect(Collectors.joining(" ")));
        members.forEach((id, member) -> {
            // Now and then one misses a generation, and remembers what others have by now.
            if (random.nextInt(10) > 0) {
                member.owned = assigned.get(id).partitions();
                member.generation = generation;
            }
        });
    }

    // Nothing else makes what an assignor is told.
    @SuppressWarnings("removal")
    private Subscription subscription(ConsumerPartitionAssignor assignor, String id, Member member) {
        // An assignor belongs to one consumer, and remembers what that got.
        ConsumerPartitionAssignor own = Stream.of(new RangeAssignor(), new RoundRobinAssignor(), new StickyAssignor(),
            new CooperativeStickyAssignor()).filter(a -> a.name().equals(assignor.name())).findFirst().orElseThrow();
        if (member.generation >= 0) {
            own.onAssignment(new Assignment(member.owned),
                new ConsumerGroupMetadata("group", member.generation, id, member.instance));
        }
        ByteBuffer userData = own.subscriptionUserData(new HashSet<>(member.topics));
        if (member.generation >= 0) {
            ask("user-data %s %d%s".formatted(own.name(), member.generation,
                    member.owned.stream().map(partition -> " " + partition).collect(Collectors.joining())),
                userData == null ? "-" : hex(userData));
        }
        boolean keeps = own.supportedProtocols().contains(RebalanceProtocol.COOPERATIVE);
        return new Subscription(
            member.topics, userData, keeps ? member.owned : List.of(), member.generation, Optional.empty());
    }

    private static Cluster cluster(Map<String, Integer> topics) {
        Node node = new Node(1, "localhost", 9092);
        Node[] replicas = {node};
        List<PartitionInfo> partitions = topics.entrySet().stream()
            .flatMap(topic -> IntStream.range(0, topic.getValue())
                .mapToObj(n -> new PartitionInfo(topic.getKey(), n, node, replicas, replicas)))
            .toList();
        return new Cluster("cluster", List.of(node), partitions, Set.of(), Set.of());
    }

    private <T> T anyOf(Set<T> items) {
        return new ArrayList<>(items).get(random.nextInt(items.size()));
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy.length == 0 ? "-" : HexFormat.of().formatHex(copy);
    }
}
