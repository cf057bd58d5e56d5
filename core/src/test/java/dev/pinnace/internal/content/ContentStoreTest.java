package dev.pinnace.internal.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoreTest {
  private static final byte[] BLOB = "blob".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path root;
  private ContentStore store;

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(root);
  }

  @Test
  void open_makesAValidLayout() {
    assertThat(root.resolve("content/oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    assertThat(root.resolve("content/index.json")).content().contains("\"manifests\":[]");
  }

  @Test
  void ingest_isInvisibleUntilCommitted() throws IOException {
    Digest digest = Sha256.of(BLOB);
    try (Lease lease = store.lease()) {
      try (Ingest ingest = lease.ingest("x")) {
        ingest.write(BLOB);
        assertThat(store.has(digest)).isFalse();
        ingest.verify(digest, BLOB.length);
        assertThatThrownBy(() -> ingest.verify(digest, 1)).isInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> ingest.verify(Sha256.of(new byte[0]), BLOB.length))
            .isInstanceOf(CorruptException.class)
            .hasMessageContaining(digest.toString());
        assertThatThrownBy(() -> ingest.write(1)).isInstanceOf(IllegalStateException.class);
      }
      assertThat(store.has(digest)).isFalse();
      assertThat(root.resolve("content/ingest")).isEmptyDirectory();
      store.put(lease, BLOB);
    }
    assertThat(store.read(digest, 4)).isEqualTo(BLOB);
    assertThatThrownBy(() -> store.read(digest, 3)).isInstanceOf(CorruptException.class);
    Files.writeString(store.path(digest), "rust");
    assertThatThrownBy(() -> store.read(digest, 4))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("load or pull it again");
    assertThatThrownBy(() -> store.open(Sha256.of(new byte[0])))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void collect_removesWhatAKilledProcessLeft() throws IOException {
    Digest digest = Sha256.of(BLOB);
    Files.writeString(root.resolve("leases/0123.lease"), digest + "\n");
    Files.writeString(root.resolve("content/ingest/0123-1"), "partial");
    Files.write(store.path(digest), BLOB);
    try (Lease living = store.lease();
        Ingest partial = living.ingest("x")) {
      partial.write(BLOB);
      ContentStore.Collection collected = store.collect((pinned, candidates) -> Set.of());
      assertThat(collected)
          .isEqualTo(new ContentStore.Collection(1, BLOB.length + "partial".length()));
      assertThat(root.resolve("leases")).isDirectoryNotContaining("glob:**0123.lease");
      assertThat(root.resolve("content/ingest/0123-1")).doesNotExist();
      partial.commit();
      assertThat(store.collect((pinned, candidates) -> Set.of()).removed()).isZero();
    }
    assertThat(store.collect((pinned, candidates) -> Set.of()).removed()).isEqualTo(1);
  }

  @Test
  void isAlive_ofALeaseThatEnded_leavesNone() {
    try (Lease lease = store.lease()) {
      String name = String.valueOf(lease.partialFile().getFileName());
      String file = name.substring(0, name.indexOf('-')) + Lease.SUFFIX;
      assertThat(Lease.isAlive(store.leases(), file)).isTrue();
      lease.close();
      assertThat(Lease.isAlive(store.leases(), file)).isFalse();
      assertThat(store.leases()).isDirectoryNotContaining("glob:**.lease");
    }
  }

  @Test
  void receive_whatIsRemovedMeanwhile_leavesNothingOpen() throws IOException {
    PartialBlob partial = store.receive(Sha256.of(BLOB));
    partial.write(BLOB, 0, 1);
    Files.delete(root.resolve("content/ingest/" + Sha256.of(BLOB).hex() + PartialBlob.SUFFIX));
    assertThatThrownBy(partial::close).isInstanceOf(NoSuchFileException.class);
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(open.filter(Files::isSymbolicLink).map(ContentStoreTest::target))
          .noneMatch(target -> target.contains(root + "/") && target.contains(PartialBlob.SUFFIX));
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  @Test
  void updateIndex_losesNoUpdateOfManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ContentStore own = ContentStore.open(root);
        all.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < 10; n++) {
                    own.updateIndex(ContentStoreTest::longer);
                  }
                  return true;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(new String(store.readIndex(), StandardCharsets.UTF_8))
          .endsWith("}" + " ".repeat(40));
    } finally {
      threads.shutdownNow();
    }
  }

  private static byte[] longer(byte[] index) {
    return (new String(index, StandardCharsets.UTF_8) + " ").getBytes(StandardCharsets.UTF_8);
  }
}
