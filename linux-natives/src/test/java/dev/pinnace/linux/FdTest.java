package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.internal.jna.Sys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FdTest {
  private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

  @Test
  void close_twice_doesNothing() {
    try (Pipe pipe = Pipe.open()) {
      Fd fd = pipe.readEnd();
      fd.close();
      fd.close();
      assertThat(fd.isOpen()).isFalse();
    }
  }

  @Test
  void number_afterClose_isNobodysFile() {
    Pipe pipe = Pipe.open();
    pipe.close();
    assertThatIllegalStateException().isThrownBy(() -> pipe.readEnd().number());
    assertThatIllegalStateException().isThrownBy(() -> pipe.writeEnd().write(TEXT));
    assertThatIllegalStateException()
        .isThrownBy(() -> pipe.readEnd().release())
        .withMessageContaining("is closed");
  }

  @Test
  void close_ofWhatSomebodyElseClosed_isAnError() {
    try (Pipe pipe = Pipe.open()) {
      // A number far above those that other threads get meanwhile (F_DUPFD_CLOEXEC).
      int number = (int) Sys.FCNTL.on("pipe", pipe.readEnd().number(), 1030, 900);
      Fd owner = new Fd(number, "stolen");
      new Fd(number, "thief").close();
      assertThatIllegalStateException()
          .isThrownBy(owner::close)
          .withMessageContaining("closed by somebody else");
      assertThat(owner.isOpen()).isFalse();
    }
  }

  @Test
  void duplicate_isAnotherDescriptor_ofTheSameFile() {
    try (Pipe pipe = Pipe.open()) {
      Fd copy = pipe.writeEnd().duplicate();
      assertThat(copy.number()).isNotEqualTo(pipe.writeEnd().number());
      pipe.writeEnd().close();
      copy.write(TEXT);
      copy.close();
      assertThat(pipe.readEnd().readAll(100)).isEqualTo(TEXT);
    }
  }

  @Test
  void release_givesTheNumberAway() {
    try (Pipe pipe = Pipe.open()) {
      int number = pipe.writeEnd().release();
      assertThat(pipe.writeEnd().isOpen()).isFalse();
      new Fd(number, "released").close();
      assertThat(pipe.readEnd().read(new byte[1], 0, 1)).isZero();
    }
  }

  @Test
  void readAll_stopsAtTheLimit() {
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().write(new byte[10_000]);
      assertThat(pipe.readEnd().readAll(9_000)).hasSize(9_000);
    }
  }

  @Test
  void blocking_false_answersEagain() {
    try (Pipe pipe = Pipe.open()) {
      pipe.readEnd().blocking(false);
      assertThatThrownBy(() -> pipe.readEnd().read(new byte[1], 0, 1))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.is(Errno.EAGAIN)).isTrue());
    }
  }

  @Test
  void descriptors_areCloseOnExec() throws Exception {
    try (Pipe pipe = Pipe.open();
        Fd copy = pipe.readEnd().duplicate()) {
      for (Fd fd : new Fd[] {pipe.readEnd(), pipe.writeEnd(), copy}) {
        assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + fd.number())))
            .containsPattern("flags:\\s+0?2\\d{6}");
      }
    }
  }

  @Test
  void write_withoutReader_isEpipe() {
    try (Pipe pipe = Pipe.open()) {
      pipe.readEnd().close();
      assertThatThrownBy(() -> pipe.writeEnd().write(TEXT))
          .isInstanceOf(ErrnoException.class)
          .hasMessage("write(pipe): EPIPE (broken pipe)");
    }
  }
}
