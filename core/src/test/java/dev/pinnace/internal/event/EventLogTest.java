package dev.pinnace.internal.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventLogTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @TempDir private Path directory;
  private EventLog log;
  private EventReader reader;

  @BeforeEach
  void open() {
    log = EventLog.open(directory);
    reader = log.reader();
  }

  @AfterEach
  void close() {
    reader.close();
    log.close();
  }

  private static byte[] text(String id, String name, String details) {
    return ("{\"id\":\""
            + id
            + "\",\"name\":\""
            + name
            + "\",\"image\":\"busy\",\"labels\":{},"
            + "\"details\":{"
            + details
            + "}}")
        .getBytes(UTF_8);
  }

  private static byte[] text(String name) {
    return text(ID, name, "");
  }

  private List<String> names() {
    return reader.more().stream().map(Event::name).toList();
  }

  private void append(byte[] bytes) throws IOException {
    Files.write(directory.resolve(EventLog.CURRENT), bytes, StandardOpenOption.APPEND);
  }

  @Test
  void events_areReadOnce_inTheirOrder() {
    log.append(Action.CREATE, text("one"));
    log.append(Action.DESTROY, text("two"));
    List<Event> events = reader.more();
    assertThat(events).extracting(Event::action).containsExactly(Action.CREATE, Action.DESTROY);
    assertThat(events).extracting(Event::name).containsExactly("one", "two");
    assertThat(events.get(0).actor()).isEqualTo(ID);
    assertThat(events.get(0).time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(reader.more()).isEmpty();
  }

  @Test
  void aPart_isReadOnceTheRestIsThere() throws IOException {
    byte[] frame = EventFrames.encode(Instant.now(), Action.PAUSE, text("whole"));
    append(Arrays.copyOf(frame, 50));
    assertThat(names()).isEmpty();
    append(Arrays.copyOfRange(frame, 50, frame.length));
    assertThat(names()).containsExactly("whole");
  }

  @Test
  void whatIsTorn_isPassedOver() throws IOException {
    byte[] frame = EventFrames.encode(Instant.now(), Action.PAUSE, text("torn"));
    append(Arrays.copyOf(frame, frame.length - 10));
    log.append(Action.PAUSE, text("after"));
    append(new byte[100]);
    log.append(Action.PAUSE, text("last"));
    assertThat(names()).containsExactly("after", "last");
  }

  @Test
  void whatIsDamagedOrUnknown_isLeftOut() throws IOException {
    append(EventFrames.encode(Instant.now(), Action.PAUSE, "{no JSON".getBytes(UTF_8)));
    append(EventFrames.encode(Instant.now(), Action.PAUSE, text("../../etc", "odd", "")));
    byte[] newer = EventFrames.encode(Instant.now(), Action.PAUSE, text("newer"));
    newer[17] = 1;
    append(newer);
    log.append(Action.PAUSE, text("known"));
    assertThat(names()).containsExactly("known");
  }

  /** They know the name of their start only. */
  @Test
  void supervisors_areCorrectedByEarlierRenames() {
    log.append(Action.START, text("one"));
    log.append(Action.RENAME, text(ID, "two", "\"oldName\":\"one\""));
    log.append(Action.DIE, text("one"));
    log.append(Action.DESTROY, text("two"));
    assertThat(names()).containsExactly("one", "two", "two", "two");
  }

  /** They tell of a container that runs what they remember of it. */
  @ParameterizedTest
  @EnumSource(names = {"EXEC_START", "EXEC_DIE", "ATTACH", "DETACH", "HEALTH_STATUS"})
  void otherEngines_areCorrectedByEarlierRenames(Action action) {
    log.append(Action.RENAME, text(ID, "two", "\"oldName\":\"one\""));
    log.append(action, text("one"));
    log.append(Action.DIE, text("one"));
    assertThat(names()).containsExactly("two", "two", "two");
  }

  @Test
  void ends_haveTheirExitCode() throws IOException {
    byte[] killed = EventFrames.encode(Instant.now(), Action.DIE, text("killed"));
    killed[20] = (byte) 137;
    killed[24] = 9;
    append(killed);
    Event event = reader.more().get(0);
    assertThat(event.exitCode()).hasValue(137);
    assertThat(event.details()).containsEntry("signal", "9").containsEntry("exitCode", "137");
    log.append(Action.DIE, text("ended"));
    assertThat(reader.more().get(0).details())
        .containsExactly(java.util.Map.entry("exitCode", "0"));
  }

  /** Also by whoever reads one file while the next is begun, and by a late writer of the first. */
  @Test
  void history_isBounded_andNothingIsMissed() throws IOException {
    List<String> read = new ArrayList<>();
    List<String> written = new ArrayList<>();
    String padding = "\"x\":\"" + "y".repeat(20_000) + "\"";
    Path first = directory.resolve("1");
    for (int i = 0; i < 100; i++) {
      log.append(Action.PAUSE, text(ID, "c" + i, padding));
      written.add("c" + i);
      if (i % 7 == 0) {
        read.addAll(names());
      }
      if (i == 15) {
        assertThat(directory.resolve("2")).exists();
        Files.write(
            first,
            EventFrames.encode(Instant.now(), Action.PAUSE, text("late")),
            StandardOpenOption.APPEND);
        read.addAll(names());
        assertThat(read).contains("late");
        read.remove("late");
      }
    }
    read.addAll(names());
    assertThat(read).containsExactlyElementsOf(written);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.filter(file -> file.getFileName().toString().matches("\\d+"))).hasSize(4);
    }
    try (EventReader late = log.reader()) {
      assertThat(late.more())
          .hasSizeBetween(30, 60)
          .last()
          .extracting(Event::name)
          .isEqualTo("c99");
    }
  }

  /** What is passed over still has renames, and is not told later. */
  @Test
  void whatIsSkipped_isNotTold_butItsRenamesCount() {
    log.append(Action.CREATE, text("one"));
    log.append(Action.RENAME, text(ID, "two", ""));
    reader.skip();
    log.append(Action.DIE, text("one"));
    assertThat(names()).containsExactly("two");
  }

  /** A rename that was not told is known from what engines say later. */
  @Test
  void engines_knowTheName() {
    log.append(Action.RENAME, text(ID, "two", ""));
    log.append(Action.PAUSE, text("three"));
    log.append(Action.DIE, text("one"));
    assertThat(names()).containsExactly("two", "three", "three");
  }

  /** Its head says that more is to come than there ever will. */
  @Test
  void aTornHead_holdsNothingBack() throws IOException {
    byte[] torn = EventFrames.encode(Instant.now(), Action.PAUSE, new byte[30_000]);
    append(Arrays.copyOf(torn, 40));
    assertThat(names()).isEmpty();
    log.append(Action.PAUSE, text("after"));
    assertThat(names()).containsExactly("after");
  }

  /** Of whoever was killed while a file was begun. */
  @Test
  void aLeftover_isInNobodysWay() throws IOException {
    Files.writeString(directory.resolve("next"), "");
    Files.delete(directory.resolve(EventLog.CURRENT));
    EventLog.open(directory).close();
    assertThat(directory.resolve("next")).doesNotExist();
    assertThat(directory.resolve("2")).exists();
    log.append(Action.PAUSE, text("told"));
    assertThat(names()).containsExactly("told");
  }

  /** Whoever only reads does it for supervisors. */
  @Test
  void tidying_beginsANewFile_onceTheCurrentOneIsFull() throws IOException {
    log.tidy();
    assertThat(directory.resolve("2")).doesNotExist();
    append(new byte[300 * 1024]);
    log.tidy();
    assertThat(directory.resolve("2")).exists().isEmptyFile();
  }

  @Test
  void twoLogs_shareTheirFiles() {
    try (EventLog other = EventLog.open(directory)) {
      other.append(Action.PAUSE, text("theirs"));
      log.append(Action.PAUSE, text("ours"));
      assertThat(names()).containsExactly("theirs", "ours");
    }
  }
}
