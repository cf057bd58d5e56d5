package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pinnace.Pinnace;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Registries that misbehave: a pull says what is wrong, and the store is as it was before, but for
 * the part of a blob from which the next pull goes on. No thread is left.
 */
@Needs("root")
@Timeout(120)
class BadRegistryTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static final String MANIFEST = "/manifests/";
  private static final String LAYER = "LAYER";
  private static final String CONFIG = "CONFIG";
  private static final long HUNDRED_MB = 100_000_000;

  private final TestRegistry registry = TestRegistry.start();
  private ImageBlobs bad = new ImageBlobs();

  @BeforeEach
  void fill() {
    new ImageBlobs()
        .gzipLayer(new LayerArchive().file("good", "good").bytes())
        .putInto(registry.content(), "good", "1");
    byte[] noise = new byte[3 << 20];
    new Random(1).nextBytes(noise);
    bad =
        new ImageBlobs()
            .gzipLayer(new LayerArchive().file("below", "below").bytes())
            .gzipLayer(new LayerArchive().file("noise", noise).bytes());
    bad.putInto(registry.content(), "bad", "1");
  }

  @AfterEach
  void removeAll() {
    try (Pinnace engine = open()) {
      engine.images().prune(ImageFilter.all());
    }
    registry.close();
  }

  private static Pinnace open() {
    return Pinnace.builder()
        .root(PLACE.root())
        .runDirectory(PLACE.run())
        .registries(
            Registries.builder()
                .withoutDockerConfig()
                .retries(1)
                .stallTimeout(Duration.ofMillis(500))
                .build())
        .open();
  }

  /**
   * One way to misbehave.
   *
   * @param where in answers to what
   * @param resumable whether a part of the layer stays
   */
  private record Row(
      String what,
      String where,
      Trouble trouble,
      Class<? extends PinnaceException> error,
      String message,
      boolean resumable) {
    @Override
    public String toString() {
      return what + ": " + where;
    }
  }

  private static Row row(
      String what,
      String where,
      Trouble trouble,
      Class<? extends PinnaceException> error,
      String message) {
    return new Row(what, where, trouble, error, message, false);
  }

  private static Row resumable(String what, Trouble trouble, String message) {
    return new Row(what, LAYER, trouble, RegistryException.class, message, true);
  }

  static Stream<Row> troubles() {
    Trouble circle = wire -> Trouble.redirect(307, wire.path()).befall(wire);
    Class<RegistryException> refused = RegistryException.class;
    Class<CorruptException> damaged = CorruptException.class;
    return Stream.of(
        row("closes", MANIFEST, wire -> wire.hangUp(), refused, "cannot reach"),
        row("closes", LAYER, wire -> wire.hangUp(), refused, "closed the connection"),
        resumable("closes in the middle", wire -> wire.cutAfter(700_000), "broken off 2 times"),
        row(
            "closes in the middle",
            MANIFEST,
            wire -> wire.cutAfter(99),
            refused,
            "closed the connection"),
        row("says nothing", MANIFEST, wire -> wire.stall(), refused, "silent"),
        row("says nothing", LAYER, wire -> wire.stall(), refused, "silent"),
        row("stalls", MANIFEST, wire -> wire.stallAfter(99), refused, "nothing came"),
        resumable("stalls", wire -> wire.stallAfter(700_000), "broken off 2 times"),
        row("promises more", MANIFEST, wire -> wire.lie(7), refused, "nothing came"),
        row("promises more", LAYER, wire -> wire.lie(7), damaged, "wrong length"),
        row("promises less", MANIFEST, wire -> wire.lie(-7), damaged, "its bytes have the digest"),
        row("promises less", LAYER, wire -> wire.lie(-7), damaged, "wrong length"),
        row("redirects", MANIFEST, circle, refused, "redirects again and again"),
        row("redirects", LAYER, circle, refused, "redirects again and again"),
        row("answers HTML", MANIFEST, Trouble.page(200), refused, "web page"),
        row("answers HTML", CONFIG, Trouble.page(200), refused, "web page"),
        row("answers HTML", LAYER, Trouble.page(200), refused, "web page"),
        row(
            "has a manifest of 100 MB",
            MANIFEST,
            Trouble.zeros(MediaTypes.MANIFEST, HUNDRED_MB),
            damaged,
            "longer than 4194304 bytes"),
        row(
            "has a configuration of 100 MB",
            CONFIG,
            Trouble.zeros(MediaTypes.CONFIG, HUNDRED_MB),
            damaged,
            "wrong length"),
        row("has other bytes", CONFIG, wire -> wire.wrongBytes(), damaged, "digest"),
        row("has other bytes", LAYER, wire -> wire.wrongBytes(), damaged, "is damaged"),
        row("speaks something else", MANIFEST, Trouble.gibberish(), refused, "cannot"),
        row("speaks something else", LAYER, Trouble.gibberish(), refused, "cannot"));
  }

  private String path(String where) {
    return switch (where) {
      case LAYER -> bad.layers().get(1).digest().toString();
      case CONFIG ->
          registry.content().blobs("bad").stream()
              .filter(
                  blob -> bad.layers().stream().noneMatch(l -> l.digest().toString().equals(blob)))
              .findFirst()
              .orElseThrow();
      default -> where;
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("troubles")
  void pull_fromARegistryThatMisbehaves(Row row) throws Exception {
    String name = registry.address() + "/bad:1";
    try (Pinnace engine = open()) {
      engine.images().pull(registry.address() + "/good:1");
    }
    Map<String, String> before = files();
    Set<Thread> threads = threads();
    registry.on("GET", path(row.where()), 1_000, row.trouble());
    try (Pinnace engine = open()) {
      PinnaceException failure =
          catchThrowableOfType(row.error(), () -> engine.images().pull(name));
      assertThat(failure).isNotNull().hasMessageContaining(row.message());
      assertThat(failure.getMessage()).contains(registry.address()).doesNotContain("<html>");
      assertThat(engine.images().find(name)).isEmpty();
    }
    Map<String, String> after = files();
    boolean goesOn = after.remove(partial(bad.layers().get(1))) != null;
    assertThat(goesOn).as("what the next pull goes on from").isEqualTo(row.resumable());
    after.remove(partial(bad.layers().get(0))); // of the good layer something may have come
    assertThat(after).isEqualTo(before);
    awaitEnd(threads);

    registry.behave();
    try (Pinnace engine = open()) {
      assertThat(engine.images().pull(name).config().diffIds()).hasSize(2);
    }
  }

  private static String partial(Descriptor layer) {
    return "content/ingest/" + layer.digest().hex() + ".partial";
  }

  /** Everything below the root that an image is made of, with what it contains. */
  private static Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (String directory : List.of("content", "layers", "leases")) {
      try (Stream<Path> all = Files.walk(PLACE.root().resolve(directory))) {
        for (Path file : all.toList()) {
          String content =
              Files.isRegularFile(file) ? Sha256.of(Files.readAllBytes(file)).hex() : "";
          files.put(PLACE.root().relativize(file).toString(), content);
        }
      }
    }
    return files;
  }

  /** Those of this JVM but for the registry's, and what JNA and the JDK keep for a while. */
  private static Set<Thread> threads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> thread.getName().matches("(test-registry-|JNA |ForkJoinPool).*"));
    return threads;
  }

  private static void awaitEnd(Set<Thread> before) throws InterruptedException {
    Set<Thread> left = threads();
    left.removeAll(before);
    for (int patience = 0; patience < 500 && !left.isEmpty(); patience++) {
      System.gc(); // before JDK 21 an HTTP client ends its thread when nobody can reach it any more
      Thread.sleep(20);
      left.retainAll(threads());
    }
    assertThat(left).isEmpty();
  }
}
