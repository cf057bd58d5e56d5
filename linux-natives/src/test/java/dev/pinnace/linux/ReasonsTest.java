package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
  private final IOException full =
      new FileSystemException("/proc/self/status", null, "Too many open files");

  @Test
  void of_aFailureOfTheJdk_namesTheErrno() {
    assertThat(Reasons.of(full)).isEqualTo("/proc/self/status: EMFILE (too many open files)");
    assertThat(Reasons.of(new UncheckedIOException(full))).isEqualTo(Reasons.of(full));
    assertThat(Reasons.of(new UncheckedIOException("cannot read it", full)))
        .isEqualTo("cannot read it: " + Reasons.of(full));
    assertThat(Reasons.of(new FileSystemException("/x", null, "something else"))).contains("else");
    assertThat(Reasons.of(new NoSuchFileException("/x"))).contains("NoSuchFile", "/x");
    assertThat(Reasons.of(new IOException("the end came early"))).isEqualTo("the end came early");
    assertThat(Reasons.of(new IOException())).contains("IOException");
  }

  @Test
  void hint_forAFullDisk_isToMakeRoom() {
    FileSystemException fullDisk = new FileSystemException("/x", null, "No space left on device");
    FileSystemException quota = new FileSystemException("/x", null, "Disk quota exceeded");
    for (Exception failure : new Exception[] {fullDisk, quota}) {
      assertThat(Reasons.hint(new UncheckedIOException(new IOException(failure))))
          .isEqualTo("; make room on that file system");
    }
    assertThat(Reasons.hint(new ErrnoException("write", Errno.ENOSPC, "/x"))).contains("make room");
    assertThat(Reasons.of(fullDisk)).isEqualTo("/x: ENOSPC (no space left on device)");
  }

  @Test
  void hint_isForTheLimitOfOpenFiles() {
    assertThat(Reasons.hint(new IllegalStateException(full))).contains("ulimit -n");
    assertThat(Reasons.hint(new ErrnoException("openat", Errno.EMFILE, "/x"))).contains("ulimit");
    assertThat(Reasons.hint(new ErrnoException("openat", Errno.ENOENT, "/x"))).isEmpty();
    assertThat(Reasons.isTooManyFiles(new IllegalStateException(full))).isTrue();
    assertThat(Reasons.isTooManyFiles(new IllegalStateException("full"))).isFalse();
  }

  @Test
  void shortage_mayPass() {
    for (String text : new String[] {"Too many open files in system", "Cannot allocate memory"}) {
      FileSystemException failure = new FileSystemException("/x", null, text);
      assertThat(Reasons.isShortage(new UncheckedIOException(failure))).isTrue();
      assertThat(Reasons.isTooManyFiles(failure)).isFalse();
    }
    assertThat(Reasons.isShortage(full)).isTrue();
    assertThat(Reasons.isShortage(new FileSystemException("/x", null, "Input/output error")))
        .isFalse();
  }

  @Test
  void hint_isForTheLimitOfProcesses() {
    assertThat(Reasons.hint(new ErrnoException("posix_spawn", Errno.EAGAIN, "/x")))
        .contains("ulimit -u");
    assertThat(Reasons.hint(new ErrnoException("sendmsg", Errno.EAGAIN, "/x"))).isEmpty();
  }
}
