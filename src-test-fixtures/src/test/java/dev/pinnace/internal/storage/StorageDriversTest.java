package dev.pinnace.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import dev.pinnace.spi.storage.StorageProbe.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageDriversTest {
  private static final StorageOptions OPTIONS = StorageOptions.DEFAULTS;

  @TempDir Path root;
  private final StorageDrivers drivers =
      StorageDrivers.discover(StorageDriversTest.class.getClassLoader());

  @Test
  void discover_prefersOverlay() {
    assertThat(drivers.names()).containsExactly("overlayfs", "vfs");
  }

  @Test
  @Needs({"root", "overlay"})
  void open_takesOverlayAndRecordsIt() {
    assertThat(drivers.recorded(root)).isEmpty();
    try (StorageDriver driver = drivers.open(root, OPTIONS)) {
      assertThat(driver.name()).isEqualTo("overlayfs");
    }
    assertThat(drivers.recorded(root)).contains("overlayfs");
    assertThat(root.resolve("layers/vfs")).doesNotExist();
  }

  @Test
  void open_takesVfsWhereOverlayCannotWork_andStaysWithIt() {
    try (StorageDriver driver =
        drivers.judgedBy(StorageDriversTest::noOverlay).open(root, OPTIONS)) {
      assertThat(driver.name()).isEqualTo("vfs");
    }
    try (StorageDriver driver = drivers.open(root, OPTIONS)) {
      assertThat(driver.name()).isEqualTo("vfs");
    }
  }

  @Test
  void open_saysWhyTheRecordedDriverStoppedWorking() throws IOException {
    Files.createDirectories(root.resolve("layers"));
    Files.writeString(root.resolve("layers/driver"), "boot an-earlier-one\nname overlayfs\n");
    assertThatThrownBy(() -> drivers.judgedBy(StorageDriversTest::noOverlay).open(root, OPTIONS))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("EPERM")
        .hasMessageContaining("be root");
  }

  @Test
  void open_byName_neverBesideTheRecordedOne() {
    drivers.open(root, OPTIONS, "vfs").close();
    assertThat(drivers.recorded(root)).contains("vfs");
    drivers.open(root, OPTIONS, "vfs").close();
    assertThatThrownBy(() -> drivers.open(root, OPTIONS, "overlayfs"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("storage driver vfs, not overlayfs");
    assertThatThrownBy(() -> drivers.open(root, OPTIONS, "zfs"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("overlayfs, vfs");
    assertThat(drivers.recorded(root)).contains("vfs");
  }

  @Test
  @Needs({"root", "overlay"})
  void open_twoDriversAtOnce_oneWins() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 10; round++) {
        Path fresh = Files.createDirectory(root.resolve("round-" + round));
        List<Callable<String>> both =
            List.of(() -> opened(fresh, "vfs"), () -> opened(fresh, "overlayfs"));
        List<String> opened = new ArrayList<>();
        for (Future<String> done : threads.invokeAll(both)) {
          opened.add(done.get());
        }
        assertThat(opened)
            .containsOnlyOnce("refused")
            .contains(drivers.recorded(fresh).orElseThrow());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private String opened(Path fresh, String name) {
    try (StorageDriver driver = drivers.open(fresh, OPTIONS, name)) {
      return driver.name();
    } catch (ConflictException refusal) {
      return "refused";
    }
  }

  @Test
  void open_byNameThatCannotWork_isRefusedAndNotRecorded() {
    assertThatThrownBy(
            () -> drivers.judgedBy(StorageDriversTest::noOverlay).open(root, OPTIONS, "overlayfs"))
        .isInstanceOf(UnsupportedException.class);
    assertThat(drivers.recorded(root)).isEmpty();
  }

  @Test
  void open_namesEveryRefusalWhereNothingWorks() {
    UnaryOperator<StorageProbe> none =
        probe ->
            new StorageProbe(
                probe.driver(), List.of(Feature.missing("x", "no " + probe.driver(), "")));
    assertThatThrownBy(() -> drivers.judgedBy(none).open(root, OPTIONS))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("overlayfs: no overlayfs; vfs: no vfs");
    assertThat(drivers.recorded(root)).isEmpty();
  }

  private static StorageProbe noOverlay(StorageProbe probe) {
    return probe.driver().equals("overlayfs")
        ? new StorageProbe("overlayfs", List.of(Feature.missing("overlay", "EPERM", "be root")))
        : probe;
  }
}
