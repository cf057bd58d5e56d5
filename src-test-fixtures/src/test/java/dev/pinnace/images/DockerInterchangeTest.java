package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.DockerDaemon;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.DockerRegistry;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.RegistryContent.Layer;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarReader;
import dev.pinnace.internal.layer.TarType;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.SaveOptions.Format;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Pinnace saves, pushes and exports is what docker reads and exports; docker's is read by
 * Pinnace.
 */
@Needs({"root", "docker", "dockerd", "docker-registry"})
@Timeout(240)
class DockerInterchangeTest {
  private static final String NAME = "localhost/tool:1";

  /** What docker puts into each container that it makes. */
  private static final Set<String> OF_DOCKER =
      Set.of(
          ".dockerenv",
          "dev/console",
          "dev/pts/",
          "dev/shm/",
          "etc/hostname",
          "etc/hosts",
          "etc/mtab",
          "etc/resolv.conf");

  /** CAP_NET_BIND_SERVICE, effective, as in capability.h. */
  private static final byte[] CAPABILITY =
      HexFormat.of().parseHex("0100000200040000000000000000000000000000");

  @TempDir private static Path place;

  @SuppressWarnings("NullAway.Init")
  private static DockerDaemon daemon;

  @TempDir private Path directory;
  private Pinnace pinnace;
  private Image made;

  @BeforeAll
  static void startDocker() throws Exception {
    daemon =
        DockerDaemon.start(place.resolve("docker"), place.resolve("d"), "--storage-driver=vfs");
  }

  @AfterAll
  static void stopDocker() {
    daemon.close();
  }

  @BeforeEach
  void load() throws IOException {
    RegistryContent content = new RegistryContent();
    byte[] lower = lower();
    byte[] upper =
        new LayerArchive()
            .dir("opt/")
            .file("opt/.wh.removed", "")
            .dir("opt/opaque/")
            .file("opt/opaque/.wh..wh..opq", "")
            .file("opt/opaque/new", "new\n")
            .bytes();
    String unused =
        content.putImage(
            "tool",
            "1",
            Platform.host().architecture(),
            List.of(new Layer(ImageBlobs.gzip(lower), lower), Layer.plain(upper)));
    content.writeLayout("tool", "1", directory.resolve("layout"), NAME);
    pinnace = engine("root");
    made = pinnace.images().load(directory.resolve("layout")).get(0);
  }

  private static byte[] lower() {
    Instant time = Instant.ofEpochSecond(1_234_567_890);
    return new LayerArchive()
        .dir("dev/")
        .dir("etc/")
        .file("etc/motd", "hello\n")
        .dir("opt/")
        .add(TarEntry.directory("opt/sticky/").withPermissions(01777).withOwner(5, 70_000))
        .file("opt/sticky/" + "n".repeat(120), "a long name")
        .add(TarEntry.file("opt/setuid", 70_000).withPermissions(04755).withModified(time))
        .add(TarEntry.file("opt/able", 3).withXattr("security.capability", CAPABILITY))
        .add(TarEntry.hardlink("opt/twin", "opt/setuid").withPermissions(04755).withModified(time))
        .add(TarEntry.symlink("opt/link", "../etc/motd").withModified(time).withOwner(6, 7))
        .add(TarEntry.device("opt/null", TarType.CHARACTER_DEVICE, 1, 3).withPermissions(0666))
        .add(TarEntry.fifo("opt/pipe").withPermissions(0600))
        .file("opt/removed", "")
        .dir("opt/opaque/")
        .file("opt/opaque/old", "")
        .dir("proc/")
        .dir("sys/")
        .bytes();
  }

  private Pinnace engine(String name) {
    return Pinnace.builder()
        .root(directory.resolve(name))
        .runDirectory(directory.resolve("run"))
        .registries(Registries.builder().withoutDockerConfig().build())
        .open();
  }

  @AfterEach
  void close() throws Exception {
    pinnace.close();
    for (String container : daemon.docker("ps", "-aq").lines().toList()) {
      assertThat(daemon.docker("rm", "-f", container)).isEqualTo(container);
    }
    for (String image : daemon.docker("images", "-aq", "--no-trunc").lines().distinct().toList()) {
      assertThat(daemon.docker("rmi", "-f", image)).contains("Deleted");
    }
  }

  private String idInDocker(String name) throws Exception {
    return daemon.docker("image", "inspect", "--format", "{{.Id}}", name);
  }

  private void loadIntoDocker() throws Exception {
    Path saved = directory.resolve("saved.tar");
    pinnace.images().save(List.of(NAME), saved, SaveOptions.of(Format.DOCKER_ARCHIVE));
    assertThat(daemon.docker("load", "-i", saved.toString())).contains("Loaded image: " + NAME);
  }

  @Test
  void saved_isLoadedByDocker_andWhatThatSavesByUs() throws Exception {
    loadIntoDocker();
    assertThat(idInDocker(NAME)).isEqualTo(made.id().toString());
    Path theirs = directory.resolve("docker.tar");
    assertThat(daemon.docker("save", "-o", theirs.toString(), NAME)).isEmpty();
    try (Pinnace other = engine("other")) {
      Image image = other.images().load(theirs).get(0);
      assertThat(image.id()).isEqualTo(made.id());
      assertThat(image.references()).containsExactly(NAME);
      assertThat(image.config()).isEqualTo(made.config());
    }
  }

  @Test
  void pushed_isPulledByDocker_andWhatThatPushesByUs() throws Exception {
    try (DockerRegistry registry =
        DockerRegistry.start(directory.resolve("registry"), false, Optional.empty())) {
      String ours = registry.address() + "/ours/tool:1";
      pinnace.images().tag(NAME, ours);
      assertThat(pinnace.images().push(ours)).isEqualTo(made.digest());
      assertThat(daemon.docker("pull", "-q", ours)).isEqualTo(ours);
      assertThat(idInDocker(ours)).isEqualTo(made.id().toString());
      String theirs = registry.address() + "/theirs/tool:1";
      assertThat(daemon.docker("tag", ours, theirs)).isEmpty();
      assertThat(daemon.docker("push", theirs)).contains("digest: sha256:");
      try (Pinnace other = engine("other")) {
        Image image = other.images().pull(theirs);
        assertThat(image.id()).isEqualTo(made.id());
        assertThat(image.config()).isEqualTo(made.config());
      }
    }
  }

  @Test
  void export_equalsThatOfDocker() throws Exception {
    loadIntoDocker();
    String id = daemon.docker("create", "--network", "none", NAME, "sh");
    assertThat(daemon.docker("export", "-o", directory.resolve("docker.tar").toString(), id))
        .isEmpty();
    pinnace.containers().create(image(NAME).command("sh")).export(directory.resolve("pinnace.tar"));
    Map<String, String> theirs = entries("docker.tar");
    assertThat(theirs.keySet()).containsAll(OF_DOCKER);
    theirs.keySet().removeAll(OF_DOCKER);
    Map<String, String> ours = entries("pinnace.tar");
    for (String touched : List.of("dev/", "etc/")) {
      theirs.computeIfPresent(touched, (name, entry) -> timeless(entry));
      ours.computeIfPresent(touched, (name, entry) -> timeless(entry));
    }
    assertThat(ours).isEqualTo(theirs).containsKeys("opt/able", "opt/opaque/new", "opt/twin");
  }

  /** Without the time, which is when docker put its own into the directory. */
  private static String timeless(String entry) {
    return entry.replaceFirst("modified [^,]*", "");
  }

  /** All that is said of each entry, by name. */
  private Map<String, String> entries(String tar) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(directory.resolve(tar)))) {
      TarReader reader = new TarReader(in, LayerLimits.defaults());
      for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
        Sha256 content = new Sha256();
        reader.content(content::update);
        Map<String, String> xattrs = new TreeMap<>();
        entry.xattrs().forEach((key, value) -> xattrs.put(key, HexFormat.of().formatHex(value)));
        assertThat(entries).as("each name is there once").doesNotContainKey(entry.name());
        entries.put(
            entry.name(),
            "%s to \"%s\", mode %o, owner %d:%d, modified %s, device %d:%d, xattrs %s, %d bytes: %s"
                .formatted(
                    entry.type(),
                    entry.linkName(),
                    entry.permissions(),
                    entry.uid(),
                    entry.gid(),
                    entry.modified(),
                    entry.deviceMajor(),
                    entry.deviceMinor(),
                    xattrs,
                    entry.size(),
                    content.finish()));
      }
    }
    return entries;
  }
}
