package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.LogConsumers;
import dev.pinnace.Subscription;
import dev.pinnace.spec.LogLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Lines of a container in the log of its JVM. */
class LogConsumersTest extends EngineFixture {
  private static final String SCRIPT = "echo 'a {} b'; echo bad >&2; printf 'x\\033[2J\\ty\\n'";

  /** Keeps what it gets from {@code INFO} on. */
  private static final class Keeping extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient List<String> kept = Collections.synchronizedList(new ArrayList<>());

    @Override
    protected String getFullyQualifiedCallerName() {
      return "";
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable thrown) {
      kept.add(level + " " + MessageFormatter.basicArrayFormat(pattern, arguments));
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }
  }

  @Test
  void text_ofALogger_standardErrorIsAWarning() {
    Container web = engine.containers().start(shell(SCRIPT));
    Keeping keeping = new Keeping();
    Logger logger = keeping;
    Consumer<LogLine> lines = LogConsumers.text("web: ", logger::info, logger::warn);
    try (Subscription log = web.logs().follow(lines)) {
      web.await();
      log.await(Duration.ofSeconds(5));
    }
    assertThat(keeping.kept)
        .containsExactlyInAnyOrder("INFO web: a {} b", "WARN web: bad", "INFO web: x\\u001b[2J\ty");
  }
}
