package dev.pinnace.internal.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobBatchTest {
  @TempDir private Path root;
  private ContentStore store;
  private Lease lease;

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(root);
    lease = store.lease();
  }

  @AfterEach
  void close() {
    lease.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<Path> partials() throws IOException {
    try (Stream<Path> files = Files.list(store.ingestDirectory())) {
      return files.toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 100})
  void publish_makesAllVisible_andNoneBefore(int count) throws IOException {
    List<Digest> digests = new ArrayList<>();
    try (BlobBatch batch = store.batch(lease)) {
      for (int i = 0; i < count; i++) {
        digests.add(batch.put(bytes("blob " + i)));
      }
      assertThat(digests).noneMatch(store::has);
      batch.publish();
      assertThat(digests).allMatch(store::has);
    }
    assertThat(partials()).isEmpty();
    for (int i = 0; i < count; i++) {
      assertThat(store.read(digests.get(i), 100)).isEqualTo(bytes("blob " + i));
    }
  }

  @Test
  void close_withoutPublish_leavesNothing() throws IOException {
    Digest digest;
    try (BlobBatch batch = store.batch(lease)) {
      digest = batch.put(bytes("never"));
      assertThat(partials()).hasSize(1);
    }
    assertThat(partials()).isEmpty();
    assertThat(store.has(digest)).isFalse();
  }

  @Test
  void put_ofVeryMany_publishesSomeEarlier() throws IOException {
    try (BlobBatch batch = store.batch(lease)) {
      Digest first = batch.put(bytes("first"));
      for (int i = 0; i < 1000; i++) {
        batch.put(bytes("blob " + i));
      }
      assertThat(store.has(first)).isTrue();
      assertThat(partials()).hasSize(1);
    }
  }

  @Test
  void put_ofTheSame_isWrittenOnce() throws IOException {
    try (BlobBatch batch = store.batch(lease)) {
      Digest digest = batch.put(bytes("twice"));
      assertThat(batch.put(bytes("twice"))).isEqualTo(digest);
      assertThat(partials()).hasSize(1);
      batch.publish();
      assertThat(batch.put(bytes("twice"))).isEqualTo(digest);
      assertThat(partials()).isEmpty();
    }
  }

  @Test
  void put_ofWhatIsDamagedHere_replacesIt() throws IOException {
    Digest digest = store.put(lease, bytes("whole"));
    Files.write(store.path(digest), bytes("torn!"));
    try (BlobBatch batch = store.batch(lease)) {
      batch.put(bytes("whole"));
      batch.publish();
    }
    assertThat(store.read(digest, 100)).isEqualTo(bytes("whole"));
  }

  @Test
  void put_thatFails_leavesNothingOfIt() throws IOException {
    Path next = Path.of(lease.partialFile().toString().replaceAll("-1$", "-2"));
    Files.createFile(next);
    try (BlobBatch batch = store.batch(lease)) {
      assertThatThrownBy(() -> batch.put(bytes("blocked")))
          .isInstanceOf(FileAlreadyExistsException.class);
      Digest digest = batch.put(bytes("blocked"));
      batch.publish();
      assertThat(store.has(digest)).isTrue();
    }
    assertThat(partials()).isEmpty();
  }
}
