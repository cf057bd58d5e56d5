package dev.pinnace.internal.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.storage.vfs.VfsProvider;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriverUnpackerTest {
  private static final Digest LAYER = new Digest("a".repeat(64));
  private static final Digest OTHER = new Digest("b".repeat(64));

  @TempDir private Path root;
  private StorageDriver driver;
  private final List<String> asked = new ArrayList<>();

  @BeforeEach
  void open() {
    driver = new VfsProvider().open(root, StorageOptions.DEFAULTS.withSyncOnCommit(false));
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private DriverUnpacker unpacker(Set<Digest> inUse) {
    StorageDriver watched =
        (StorageDriver)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {StorageDriver.class},
                (proxy, method, arguments) -> {
                  asked.add(method.getName());
                  try {
                    return method.invoke(driver, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new DriverUnpacker(watched, LayerOptions.Ownership.SQUASH, () -> inUse);
  }

  private static void unpack(DriverUnpacker unpacker, Digest layer) throws IOException {
    unpacker.unpack(layer, Optional.empty(), new ByteArrayInputStream(new byte[1024]));
  }

  /** With thousands of layers, to list them for each that is added takes most of the time. */
  @Test
  void unpack_listsNoLayers() throws IOException {
    DriverUnpacker unpacker = unpacker(Set.of());
    unpack(unpacker, LAYER);
    unpack(unpacker, OTHER);
    assertThat(driver.layers()).containsExactly(LAYER, OTHER);
    assertThat(asked).doesNotContain("layers");
  }

  @Test
  void unpack_ofADamagedLayer_replacesIt_unlessContainersUseIt() throws IOException {
    unpack(unpacker(Set.of()), LAYER);
    unpack(unpacker(Set.of()), OTHER);
    damage(LAYER);
    assertThat(driver.contains(LAYER)).isFalse();
    assertThatThrownBy(() -> unpack(unpacker(Set.of(LAYER)), LAYER))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("containers use it");
    unpack(unpacker(Set.of(OTHER)), LAYER);
    assertThat(driver.contains(LAYER)).isTrue();
  }

  private void damage(Digest layer) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      Path directory = all.filter(path -> path.endsWith(layer.hex())).findFirst().orElseThrow();
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
