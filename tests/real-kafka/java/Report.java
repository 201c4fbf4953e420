// What agreed and what did not.

import java.util.List;
import java.util.concurrent.Callable;

class Report {
    private static final int WIDTH = 400;

    private int wrong;

    /** Runs one part and prints its last line, with the time it took. An exception is a disagreement. */
    void part(String name, Callable<String> work) {
        long start = System.nanoTime();
        String summary;
        try {
            summary = work.call();
        } catch (Exception error) {
            error.printStackTrace();
            wrong(name, error.toString());
            summary = "broken off";
        }
        System.out.printf("%6.1f s  %s: %s%n", (System.nanoTime() - start) / 1e9, name, summary);
    }

    boolean allAgree() {
        return wrong == 0;
    }

    void wrong(String where, String what) {
        wrong++;
        System.out.println("DISAGREES " + where + "\n    " + what);
    }

    void none(String where, List<String> complaints) {
        if (!complaints.isEmpty()) {
            wrong(where, String.join("\n    ", complaints));
        }
    }

    void same(String where, String kafka, String ours) {
        if (!kafka.equals(ours)) {
            wrong(where, difference(kafka, ours));
        }
    }

    /** The first line that is not the same, and the file that it is about if the text says so. */
    private static String difference(String kafka, String ours) {
        List<String> left = kafka.lines().toList();
        List<String> right = ours.lines().toList();
        String file = "";
        int at = 0;
        while (at < left.size() && at < right.size() && left.get(at).equals(right.get(at))) {
            if (left.get(at).startsWith("Dumping ")) {
                file = left.get(at);
            }
            at++;
        }
        return "line %d of %d and %d. %s%n    Kafka: %s%n    here:  %s".formatted(
            at + 1, left.size(), right.size(), file, line(left, at), line(right, at));
    }

    private static String line(List<String> lines, int at) {
        String line = at < lines.size() ? lines.get(at) : "(nothing)";
        return line.length() <= WIDTH ? line : line.substring(0, WIDTH) + "...";
    }
}
