// One node of a real cluster, broker or controller: a process of its own, started by RealCluster, which
// kills it, freezes it, or asks it to stop.

import com.yammer.metrics.core.Gauge;
import com.yammer.metrics.core.Metric;
import com.yammer.metrics.core.MetricName;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.metrics.KafkaYammerMetrics;

public final class RealNode {
    /** Printed once it serves. */
    static final String READY = "ready";

    private RealNode() { }

    public static void main(String[] arguments) throws Exception {
        Properties config = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(arguments[0]))) {
            config.load(file);
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(config), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        server.startup();
        System.out.println(READY);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (questions.readLine() != null) {
            System.out.println(waitingFetches());
        }
        // Nobody lives on whose judge is gone.
        Runtime.getRuntime().halt(1);
    }

    /** How many fetches wait here for records. */
    private static Object waitingFetches() {
        for (Map.Entry<MetricName, Metric> entry : KafkaYammerMetrics.defaultRegistry().allMetrics().entrySet()) {
            MetricName name = entry.getKey();
            boolean ofFetches = name.getMBeanName().contains("delayedOperation=Fetch");
            if (name.getName().equals("NumDelayedOperations") && ofFetches) {
                return ((Gauge<?>) entry.getValue()).value();
            }
        }
        throw new IllegalStateException("no broker counts its waiting fetches");
    }
}
