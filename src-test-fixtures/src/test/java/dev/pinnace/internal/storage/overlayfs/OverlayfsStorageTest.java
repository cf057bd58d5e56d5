package dev.pinnace.internal.storage.overlayfs;

import static dev.pinnace.fixtures.storage.TreeContent.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.storage.StorageContract;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs("overlay")
@Tag("vm-too")
class OverlayfsStorageTest extends StorageContract {
  @TempDir Path container;

  @Override
  public StorageDriverProvider provider() {
    return new OverlayProvider();
  }

  private RootMount.Overlay deep(int layers) {
    Optional<Digest> below = Optional.empty();
    for (int i = 0; i < layers; i++) {
      String name = "f" + i;
      layer(
          digest(1000 + i),
          below,
          draft -> {
            try (Dir tree = Dir.open(draft.tree())) {
              tree.mkdir(name, 0755);
            }
          });
      below = Optional.of(digest(1000 + i));
    }
    return (RootMount.Overlay)
        driver().create(container, below, ContainerLayerOptions.DEFAULTS).mount();
  }

  @Test
  void shortNames_carry130LayersByMount() {
    RootMount.Overlay mount = deep(130);
    ErrnoException none = new ErrnoException("fsconfig", Errno.EINVAL, "not tried");
    try (DetachedMount joined = OverlayMounter.joined(OverlayMounter.Layers.of(mount), none);
        Dir root = joined.root()) {
      assertThat(root.list()).hasSize(130);
      root.mkdir("written", 0755);
    }
    assertThat(mount.upper().resolve("written")).isDirectory();
  }

  @Test
  void shortNames_areSweptWithoutTheirLayer() throws IOException {
    deep(2);
    Path dangling = directory().resolve("l/zzz");
    Files.createSymbolicLink(dangling, Path.of("../" + digest(9).hex() + "/diff"));
    driver().delete(container);
    driver().remove(digest(1001));
    assertThat(driver().recover()).isEqualTo(1);
    try (var links = Files.list(directory().resolve("l"))) {
      assertThat(links).hasSize(1);
    }
  }

  @Test
  void layersThatStandOnEachOther_areDamaged() throws IOException {
    deep(2);
    Path record = directory().resolve(digest(1000).hex()).resolve("layer");
    Files.writeString(
        record,
        Files.readString(record).replaceAll("(?m)^parent .*$", "parent " + digest(1001).hex()));
    assertThatThrownBy(() -> driver().view(digest(1001)).close())
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("stands on itself");
  }

  @Test
  void mount_refusesToCarryOnAfterVolatileUntilItsMarksAreGone() throws IOException {
    layer(digest(1), Optional.empty(), draft -> {});
    RootMount.Overlay mount =
        (RootMount.Overlay)
            driver()
                .create(
                    container,
                    Optional.of(digest(1)),
                    ContainerLayerOptions.DEFAULTS.withVolatileSync(true))
                .mount();
    OverlayMounter.Layers layers = OverlayMounter.Layers.of(mount);
    OverlayMounter.mount(layers).close();
    assertThatThrownBy(() -> OverlayMounter.mount(layers)).isInstanceOf(ErrnoException.class);
    for (Path mark : mount.volatileMarks()) {
      Files.deleteIfExists(mark);
    }
    OverlayMounter.mount(layers).close();
  }

  @Test
  void probe_triesAllTheWay() {
    StorageProbe probe = provider().probe(directory(), StorageOptions.DEFAULTS);
    assertThat(probe.features())
        .extracting(StorageProbe.Feature::name)
        .containsExactly(
            "overlay", "d_type", "whiteouts", "lowerdir+", "upper", "volatile", "userxattr");
    assertThat(probe.has("volatile")).isTrue();
    assertThat(probe.has("userxattr")).isTrue();
  }

  @Test
  void probe_ofAUserNamespaceNeedsUserXattr() {
    StorageProbe probe =
        provider().probe(directory(), StorageOptions.DEFAULTS.withUserNamespace(true));
    assertThat(probe.usable()).isTrue();
    assertThat(List.of(probe.has("userxattr"), probe.has("upper"))).containsOnly(true);
  }

  @Test
  void probe_namesTheFileSystemThatCannotHoldAnUpper() {
    layer(digest(1), Optional.empty(), draft -> {});
    RootMount.Overlay mount =
        (RootMount.Overlay)
            driver()
                .create(container, Optional.of(digest(1)), ContainerLayerOptions.DEFAULTS)
                .mount();
    try (DetachedMount overlay = OverlayMounter.mount(OverlayMounter.Layers.of(mount));
        Dir inside = overlay.root()) {
      StorageProbe probe = provider().probe(inside.path().resolve("root"), StorageOptions.DEFAULTS);
      assertThat(probe.usable()).isFalse();
      assertThat(probe.obstacle().orElseThrow().reason()).contains("overlay");
      assertThat(probe.obstacle().orElseThrow().fix()).contains("vfs");
    }
  }

  @Test
  @Needs("setpriv")
  void probe_withoutTheCapabilityToMountSaysSo() throws Exception {
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--bounding-set=-sys_admin",
                "--inh-caps=-sys_admin",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WithoutMounts.class.getName(),
                directory().toString())
            .redirectErrorStream(true)
            .start();
    layer(digest(1), Optional.empty(), draft -> {});
    process.getOutputStream().write('\n');
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("probe: fsopen(overlay): EPERM")
        .contains("fix: run as root with CAP_SYS_ADMIN")
        .contains("view: a view of several layers in this process is not available");
  }

  /** Another JVM, which may not mount. */
  static final class WithoutMounts {
    private WithoutMounts() {}

    public static void main(String[] arguments) throws IOException {
      Path directory = Path.of(arguments[0]);
      PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      StorageProbe.Feature obstacle =
          new OverlayProvider()
              .probe(directory, StorageOptions.DEFAULTS)
              .obstacle()
              .orElseThrow(() -> new IllegalStateException("this process may mount"));
      answers.println("probe: " + obstacle.reason());
      answers.println("fix: " + obstacle.fix());
      if (System.in.read() < 0) {
        throw new IllegalStateException("there is no layer to look at");
      }
      try (StorageDriver driver = new OverlayProvider().open(directory, StorageOptions.DEFAULTS)) {
        assertThatThrownBy(() -> driver.view(digest(1)))
            .isInstanceOf(UnsupportedException.class)
            .satisfies(refusal -> answers.println("view: " + refusal.getMessage()));
      }
    }
  }
}
