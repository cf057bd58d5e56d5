package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.BlobHost;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs come whole, from any offset, however a registry sends them. */
class RepositoryBlobTest extends RepositoryFixture {
  private final Descriptor blob =
      new Descriptor(
          MediaTypes.LAYER, Digest.parse(registry.content().putBlob("ann/tool", BLOB)), 3_000_000);

  private static byte[] all(InputStream in) throws IOException {
    try (in) {
      return in.readAllBytes();
    }
  }

  @Test
  void has_tells() {
    assertThat(repository().has(blob.digest())).isTrue();
    assertThat(repository().has(new Digest("0".repeat(64)))).isFalse();
    registry.on("HEAD", "/blobs/", 1, Trouble.status(403, "DENIED", "no"));
    assertThatThrownBy(() -> repository().has(blob.digest())).isInstanceOf(RegistryException.class);
  }

  @Test
  void blob_whole_andFromAnOffset() throws Exception {
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(all(repository().blob(blob, 1_000_001)))
        .isEqualTo(Arrays.copyOfRange(BLOB, 1_000_001, BLOB.length));
    assertThat(registry.requests("GET", "/blobs/").get(1).header("Range"))
        .contains("bytes=1000001-");
    assertThat(all(repository().blob(blob, BLOB.length))).isEmpty();
  }

  @Test
  void blob_rangesIgnored_areSkipped() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.header("Content-Type", "x").answer(200, BLOB));
    assertThat(all(repository().blob(blob, 7))).isEqualTo(Arrays.copyOfRange(BLOB, 7, BLOB.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes 6-2999999/3000000", "bytes 7-2999999/3000001", "nonsense", ""})
  void blob_wrongRange_isCorrupt(String range) {
    byte[] rest = Arrays.copyOfRange(BLOB, 7, BLOB.length);
    registry.on("GET", "/blobs/", 9, wire -> wire.header("Content-Range", range).answer(206, rest));
    assertThatThrownBy(() -> all(repository().blob(blob, 7)))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("from the wrong place");
  }

  @Test
  void blob_brokenOff_goesOnWhereItWas() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(1_500_000));
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(0));
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(70_000));
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.requests("GET", "/blobs/"))
        .extracting(request -> request.header("Range").orElse(""))
        .containsExactly(
            "", "bytes=1500000-", "bytes=1500000-", "bytes=" + (1_500_000 + 70_000) + "-");
  }

  @Test
  void blob_brokenOffForEver_ends() {
    with(Registries.builder().retries(2));
    registry.on("GET", "/blobs/", 99, wire -> wire.cutAfter(10));
    assertThatThrownBy(() -> all(repository().blob(blob, 0)))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("broken off 3 times")
        .hasMessageContaining("of 3000000 bytes");
  }

  @Test
  void blob_stalled_goesOnWhereItWas() throws Exception {
    with(Registries.builder().stallTimeout(Duration.ofMillis(300)));
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.requests("GET", "/blobs/")).hasSize(2);
  }

  @Test
  void blob_slowLine_isNotCutOff() throws Exception {
    with(Registries.builder().stallTimeout(Duration.ofMillis(500)).retries(0));
    registry.on("GET", "/blobs/", 1, wire -> wire.slowly(200_000, 100));
    long before = System.nanoTime();
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1400));
  }

  @Test
  void blob_lengthThatIsNotTheDescriptors_isCorrupt() {
    for (long lie : List.of(-1L, 1L)) {
      registry.on("GET", "/blobs/", 1, wire -> wire.lie(lie));
      assertThatThrownBy(() -> all(repository().blob(blob, 0)))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("wrong length");
    }
  }

  @Test
  void blob_withoutLength_mayNotBeLonger() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.withoutLength());
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    Descriptor shorter = new Descriptor(blob.mediaType(), blob.digest(), blob.size() - 1);
    registry.on("GET", "/blobs/", 1, wire -> wire.withoutLength());
    assertThatThrownBy(() -> all(repository().blob(shorter, 0)))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("longer than");
  }

  @Test
  void blob_inChunks_comesWhole() throws Exception {
    registry.on(
        "GET",
        "/blobs/",
        1,
        wire -> {
          String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
          wire.raw(head.getBytes(StandardCharsets.US_ASCII));
          for (int at = 0; at < BLOB.length; at += 1_000_000) {
            wire.raw("f4240;x=y\r\n".getBytes(StandardCharsets.US_ASCII));
            wire.raw(Arrays.copyOfRange(BLOB, at, at + 1_000_000));
            wire.raw("\r\n".getBytes(StandardCharsets.US_ASCII));
          }
          wire.raw("0\r\nTrailer: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        });
    Repository repository = repository();
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.connections()).isEqualTo(1);
  }

  @Test
  void blob_closedByAnotherThread_endsItsRead() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    InputStream in = repository().blob(blob, 0);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                ended.completeExceptionally(new AssertionError(in.readAllBytes().length));
              } catch (IOException | RuntimeException e) {
                ended.complete(e);
              }
            });
    reader.start();
    Thread.sleep(300);
    in.close();
    assertThat(ended.get(2, TimeUnit.SECONDS)).isInstanceOf(CancelledException.class);
    reader.join();
  }

  @Test
  void blob_closedBeforeTheAnswer_endsItsRead() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stall());
    InputStream in = repository().blob(blob, 0);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                interrupted.completeExceptionally(new AssertionError(in.readAllBytes().length));
              } catch (IOException | RuntimeException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
              }
            });
    reader.start();
    Thread.sleep(300);
    in.close();
    assertThat(interrupted.get(2, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void blob_readerInterrupted_isCancelled() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    assertCancelled(
        () -> {
          try {
            all(repository().blob(blob, 0));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void blob_fromAnotherOrigin_withoutCredentials() throws Exception {
    try (BlobHost host = new BlobHost(registry.content())) {
      registry.guardedBy(dev.pinnace.fixtures.registry.Gates.basic("ann", "secret"));
      registry.blobsAt(host.server().origin());
      with(
          Registries.builder()
              .credentials(
                  registry.address(), dev.pinnace.spec.RegistryCredentials.of("ann", "secret")));
      assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
      assertThat(all(repository().blob(blob, 9)))
          .isEqualTo(Arrays.copyOfRange(BLOB, 9, BLOB.length));
      assertThat(host.server().requests())
          .hasSize(2)
          .allMatch(request -> request.header("Authorization").isEmpty());
      assertThat(host.server().requests().get(1).header("Range")).contains("bytes=9-");
    }
  }

  @Test
  void connections_areUsedAgain() throws Exception {
    putManifest();
    Repository repository = repository();
    for (int i = 0; i < 3; i++) {
      repository.resolve("1");
      all(repository.blob(blob, 0));
    }
    assertThat(registry.connections()).isEqualTo(1);
    client.close();
    assertThatThrownBy(() -> repository.resolve("1")).isInstanceOf(RegistryException.class);
  }
}
