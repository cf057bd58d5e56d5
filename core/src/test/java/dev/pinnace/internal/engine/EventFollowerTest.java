package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import dev.pinnace.linux.ErrnoException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFollowerTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final byte[] TEXT =
      ("{\"id\":\""
              + "0123456789abcdef".repeat(4)
              + "\",\"name\":\"web\",\"image\":\"busy\",\"labels\":{},\"details\":{}}")
          .getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  private static EventFollower follow(EventLog log) {
    return EventFollower.of(log, EventFilter.all(), closed -> {});
  }

  /** The directory, of which a call is answered otherwise. */
  private Path directoryWith(String method, java.util.function.Supplier<Object> answer) {
    return (Path)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Path.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                return answer.get();
              }
              try {
                return called.invoke(directory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static List<String> watches() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(EventFollowerTest::target).filter(t -> t.contains("inotify")).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  @Test
  void of_aLogThatCannotBeRead_leavesNoWatch() throws IOException {
    AtomicReference<String> name = new AtomicReference<>(directory.toString());
    try (EventLog log = EventLog.open(directoryWith("toString", name::get))) {
      int before = watches().size();
      name.set(directory.resolve("absent").toString());
      assertThatThrownBy(() -> follow(log)).isInstanceOf(ErrnoException.class);
      assertThat(watches()).hasSize(before);
    }
  }

  /** A user has 128 watches by default. */
  @Test
  void next_withoutAWatch_isFoundAllTheSame() {
    FileSystem own = directory.getFileSystem();
    Path unwatched =
        directoryWith(
            "getFileSystem",
            () -> {
              throw new UnsupportedOperationException("no watch of " + own);
            });
    try (EventLog log = EventLog.open(unwatched);
        EventFollower follower = follow(log)) {
      assertThat(follower.next(Duration.ofMillis(200))).isEmpty();
      log.append(Action.PAUSE, TEXT);
      assertThat(follower.next(LONG)).map(Event::action).contains(Action.PAUSE);
    }
  }
}
