package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.TimedOutException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections to containers that another engine started. */
class AdoptionTest extends EngineFixture {
  @Test
  void await_ofWhatAnotherEngineStarted_watchesTheSupervisorItself() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    int supervisor = Processes.supervisors(root()).get(0);
    eventually(() -> handles(supervisor) == 1);
    try (Pinnace other = engine()) {
      Container same = other.containers().get(container.id().hex());
      assertThatThrownBy(() -> same.await(Duration.ofMillis(1)))
          .isInstanceOf(TimedOutException.class);
      eventually(() -> handles(supervisor) == 2);
    }
    eventually(() -> handles(supervisor) == 1);
  }

  /** How many pidfds of that process this JVM has. */
  private static long handles(int pid) {
    try {
      return children(Path.of("/proc/self/fdinfo")).stream()
          .filter(info -> lines(info).contains("\nPid:\t" + pid + "\n"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lines(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException gone) {
      return "";
    }
  }
}
