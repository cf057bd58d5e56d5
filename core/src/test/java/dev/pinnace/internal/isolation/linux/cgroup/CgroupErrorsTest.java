package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class CgroupErrorsTest {
  @Test
  void isGone_beforeItsFileIsOpenedAndAfter() {
    assertThat(CgroupErrors.isGone(new NoSuchFileException("cgroup.freeze"))).isTrue();
    assertThat(CgroupErrors.isGone(new IOException("No such device"))).isTrue();
    assertThat(CgroupErrors.isGone(new IOException("Permission denied"))).isFalse();
  }

  @Test
  void isBusy_byTheKernelsWord() {
    assertThat(
            CgroupErrors.isBusy(new FileSystemException("memory", null, "Device or resource busy")))
        .isTrue();
    assertThat(CgroupErrors.isBusy(new IOException())).isFalse();
  }

  @Test
  void reason_namesTheFile() {
    assertThat(CgroupErrors.reason(new FileSystemException("f", null, "Read-only file system")))
        .isEqualTo("f: Read-only file system");
    assertThat(CgroupErrors.reason(new NoSuchFileException("f")))
        .isEqualTo("f: ENOENT (no such file or directory)");
    assertThat(CgroupErrors.reason(new UncheckedIOException(new AccessDeniedException("f"))))
        .isEqualTo("f: EACCES (permission denied)");
  }
}
