package dev.pinnace.internal.image.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarReader;
import dev.pinnace.internal.layer.TarType;
import dev.pinnace.linux.Kernel;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostImageTest {
  @TempDir private Path directory;
  private final Layers layers = new Layers();
  private ImageStore store;

  private static final class Layers implements LayerUnpacker {
    private final Set<Digest> names = new HashSet<>();
    private int unpacked;

    @Override
    public boolean has(Digest chainId) {
      return names.contains(chainId);
    }

    @Override
    public Set<Digest> list() {
      return Set.copyOf(names);
    }

    @Override
    public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar)
        throws IOException {
      tar.readAllBytes();
      unpacked++;
      names.add(chainId);
    }

    @Override
    public long space(Digest chainId) {
      return 0;
    }

    @Override
    public long removeAll(Set<Digest> chainIds) {
      names.removeAll(chainIds);
      return 0;
    }
  }

  @BeforeEach
  void open() {
    store = ImageStore.open(directory.resolve("root"), layers, Set::of);
  }

  private Map<String, TarEntry> entries(StoredImage image) throws IOException {
    Map<String, TarEntry> entries = new LinkedHashMap<>();
    try (InputStream in = store.content().open(image.manifest().layers().get(0).digest())) {
      TarReader tar = new TarReader(in, LayerLimits.defaults());
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        entries.put(entry.name(), entry);
      }
    }
    return entries;
  }

  private static TarEntry entry(Map<String, TarEntry> entries, String name) {
    TarEntry entry = entries.get(name);
    return Objects.requireNonNull(entry, name);
  }

  @Test
  void fromHost_takesProgramsLibrariesAndLoader() throws IOException {
    StoredImage image = store.fromHost(HostImage.of("sh", "ls"), remark -> {});
    assertThat(image.names())
        .extracting(ImageReference::toString)
        .containsExactly("localhost/host:latest");
    assertThat(image.config().config().cmd()).containsExactly("sh");
    assertThat(image.config().config().env().get(0)).startsWith("PATH=/usr/local/sbin:");
    Map<String, TarEntry> entries = entries(image);
    ElfFile sh = ElfFile.read(Path.of("/bin/sh").toRealPath()).orElseThrow();
    assertThat(sh.machine()).isEqualTo(Kernel.architecture().elfMachine());
    for (String path : new String[] {"/bin/sh", "/bin/ls", sh.interpreter().orElseThrow()}) {
      assertThat(entries).containsKey(Path.of(path).toRealPath().toString().substring(1));
    }
    assertThat(entries.keySet()).anyMatch(name -> name.contains("libc.so"));
    assertThat(new ArrayList<>(entries.keySet())).isSorted();
    assertThat(entry(entries, "tmp/").permissions()).isEqualTo(01777);
    assertThat(entry(entries, "root/").permissions()).isEqualTo(0700);
    assertThat(entry(entries, "etc/passwd").size()).isPositive();
    if (Files.isSymbolicLink(Path.of("/bin"))) {
      assertThat(entry(entries, "bin").type()).isEqualTo(TarType.SYMLINK);
    }
  }

  @Test
  void fromHost_isTheSameAgain() throws IOException {
    StoredImage first = store.fromHost(HostImage.of("ls"), remark -> {});
    StoredImage again = store.fromHost(HostImage.of("ls"), remark -> {});
    assertThat(again).isEqualTo(first);
    assertThat(layers.unpacked).isEqualTo(1);
    ImageStore other = ImageStore.open(directory.resolve("other"), new Layers(), Set::of);
    assertThat(other.fromHost(HostImage.of("ls"), remark -> {}).id()).isEqualTo(first.id());
    store.remove("localhost/host", false, any -> {});
    store.collect();
    assertThat(store.fromHost(HostImage.of("ls"), remark -> {}).id()).isEqualTo(first.id());
    assertThat(layers.unpacked).isEqualTo(2);
  }

  @Test
  void fromHost_addsPathsAndSeesChanges() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data/deep"));
    Files.writeString(data.resolve("file"), "one");
    Files.createSymbolicLink(directory.resolve("data/link"), Path.of("deep/file"));
    HostImage wanted =
        HostImage.of("ls").with(directory.resolve("data")).named(ImageReference.parse("mine:1"));
    StoredImage first = store.fromHost(wanted, remark -> {});
    String prefix = directory.toRealPath().toString().substring(1) + "/data/";
    Map<String, TarEntry> entries = entries(first);
    assertThat(entries).containsKeys(prefix, prefix + "deep/", prefix + "deep/file");
    assertThat(entry(entries, prefix + "link").linkName()).isEqualTo("deep/file");
    Files.writeString(data.resolve("file"), "changed");
    assertThat(store.fromHost(wanted, remark -> {}).id()).isNotEqualTo(first.id());
    assertThat(store.get("mine:1").id()).isNotEqualTo(first.id());
  }

  @Test
  void fromHost_refusesClearly() throws IOException {
    assertThatThrownBy(() -> store.fromHost(HostImage.of("no-such-program-here"), remark -> {}))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("\"no-such-program-here\"");
    Path text = Files.writeString(directory.resolve("text"), "hello");
    assertThatThrownBy(() -> store.fromHost(HostImage.of(text.toString()), remark -> {}))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll(text.toString(), "ELF");
    byte[] elf = Files.readAllBytes(Path.of("/bin/sh").toRealPath());
    elf[18] = 2;
    elf[19] = 0;
    Path foreign = Files.write(directory.resolve("foreign"), elf);
    assertThatThrownBy(() -> store.fromHost(HostImage.of(foreign.toString()), remark -> {}))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("another architecture", foreign.toString());
    assertThatThrownBy(
            () -> store.fromHost(HostImage.of("ls").with(Path.of("/no/such")), remark -> {}))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> HostImage.of()).isInstanceOf(InvalidSpecException.class);
    assertThat(store.list()).isEmpty();
    assertThat(directory.resolve("root/content/blobs/sha256")).isEmptyDirectory();
    assertThat(directory.resolve("root/content/ingest")).isEmptyDirectory();
  }

  @Test
  void elfRead_survivesDamage() throws IOException {
    byte[] elf = Files.readAllBytes(Path.of("/bin/sh").toRealPath());
    Random random = new Random(7);
    Path file = directory.resolve("elf");
    for (int round = 0; round < 200; round++) {
      byte[] damaged = elf.clone();
      for (int i = 0; i < 20; i++) {
        damaged[16 + random.nextInt(1000)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      ElfFile.read(file); // any answer will do, an exception would not
    }
  }
}
