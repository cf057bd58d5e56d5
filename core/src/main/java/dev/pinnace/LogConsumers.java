package dev.pinnace;

import dev.pinnace.error.Printable;
import dev.pinnace.spec.LogLine;
import java.util.Objects;
import java.util.function.Consumer;

/** Consumers for {@link Logs#follow}. */
public final class LogConsumers {
  private LogConsumers() {}

  /**
   * Hands every line on as text, to a logger for instance, of SLF4J or any other. What would steer
   * a terminal is escaped, as {@link Printable} does.
   *
   * <pre>{@code
   * Logger logger = LoggerFactory.getLogger("containers.web");
   * Consumer<LogLine> lines = LogConsumers.text("web: ", logger::info, logger::warn);
   * try (Subscription log = web.logs().follow(lines)) {
   *   web.await();
   *   log.await(Duration.ofSeconds(5));
   * }
   * }</pre>
   *
   * @param prefix what each text begins with; empty for nothing
   * @param stdout gets the lines of standard output
   * @param stderr gets the lines of standard error, and Pinnace's own notes
   */
  public static Consumer<LogLine> text(
      String prefix, Consumer<String> stdout, Consumer<String> stderr) {
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(stdout, "stdout");
    Objects.requireNonNull(stderr, "stderr");
    return line ->
        (line.source() == LogLine.Source.STDOUT ? stdout : stderr)
            .accept(prefix + Printable.lines(line.text()));
  }
}
