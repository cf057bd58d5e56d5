package dev.pinnace.internal.image.host;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Ingest;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a {@link HostImage} in the store. The same files give the same image; while no file has
 * changed, the image of last time is found by a fingerprint of their inodes and nothing is read.
 */
public final class HostImageSource {
  private static final Logger LOG = LoggerFactory.getLogger(HostImageSource.class);
  private static final String USUAL_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final List<String> MERGED =
      List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

  private final ContentStore store;
  private final HostImage wanted;
  private final HostTree tree = new HostTree();

  public HostImageSource(ContentStore store, HostImage wanted) {
    this.store = store;
    this.wanted = wanted;
  }

  /**
   * Takes the image in and answers its manifest.
   *
   * @param remarks gets what is to be known of the image, in a line each
   */
  public Descriptor take(LayerIngest ingest, Consumer<String> remarks) throws IOException {
    HostPrograms programs = new HostPrograms(tree, searchPath());
    for (String program : wanted.programs()) {
      programs.add(program);
    }
    addDirectories();
    ExtraFiles extras = new ExtraFiles(tree, programs);
    for (HostImage.Extra extra : wanted.extras()) {
      extras.add(extra);
    }
    addAccounts();
    programs.remarks().forEach(remarks);
    extras.remarks().forEach(remarks);
    ExecutionConfig execution =
        ExecutionConfig.of(environment(programs), List.of(wanted.programs().get(0)));
    String remembered = "host-" + fingerprint(execution).hex();
    Optional<Descriptor> known = recall(remembered, ingest);
    if (known.isPresent()) {
      return known.get();
    }
    Descriptor manifest = write(ingest, execution);
    store.remember(remembered, manifest.digest().toString());
    return manifest;
  }

  private static List<Path> searchPath() {
    String path = System.getenv("PATH");
    return Stream.of((path == null || path.isEmpty() ? USUAL_PATH : path).split(":"))
        .filter(entry -> entry.startsWith("/"))
        .map(Path::of)
        .toList();
  }

  private void addDirectories() throws IOException {
    for (String merged : MERGED) {
      if (Files.isSymbolicLink(Path.of(merged))) {
        tree.addLink(Path.of(merged));
      }
    }
    for (String name : List.of("dev", "etc", "proc", "sys")) {
      tree.directory(name, 0755);
    }
    tree.directory("root", 0700);
    tree.directory("tmp", 01777);
  }

  private void addAccounts() {
    tree.text(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
    tree.text("etc/group", "root:x:0:\nnogroup:x:65534:\n");
  }

  private static List<String> environment(HostPrograms programs) {
    Set<String> path = new LinkedHashSet<>(List.of(USUAL_PATH.split(":")));
    programs.programDirectories().forEach(directory -> path.add(directory.toString()));
    List<String> environment = new ArrayList<>();
    environment.add("PATH=" + String.join(":", path));
    if (!programs.libraryDirectories().isEmpty()) {
      environment.add(
          "LD_LIBRARY_PATH="
              + programs.libraryDirectories().stream()
                  .map(Path::toString)
                  .collect(Collectors.joining(":")));
    }
    return environment;
  }

  private Digest fingerprint(ExecutionConfig execution) throws IOException {
    String all = tree.fingerprint() + execution.toString();
    return Sha256.of(all.getBytes(StandardCharsets.UTF_8));
  }

  /** The image of last time, if all of it is still here; what cannot be read is not here. */
  private Optional<Descriptor> recall(String remembered, LayerIngest ingest) throws IOException {
    try {
      Optional<String> known = store.recall(remembered);
      return known.isPresent() ? recall(Digest.parse(known.get()), ingest) : Optional.empty();
    } catch (InvalidSpecException | CorruptException | NotFoundException lost) {
      LOG.debug("image {} is made anew: {}", wanted.name(), lost.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Descriptor> recall(Digest digest, LayerIngest ingest) throws IOException {
    ingest.lease().pin(digest);
    byte[] bytes = store.read(digest, ImageJson.LARGEST_DOCUMENT);
    ImageManifest manifest = ImageJson.readManifest(bytes, "stored manifest " + digest);
    Digest config = manifest.config().digest();
    ingest.lease().pin(config);
    ImageJson.readConfig(
        store.read(config, ImageJson.LARGEST_DOCUMENT), "stored configuration " + config);
    Descriptor layer = manifest.layers().get(0);
    return ingest.has(layer, layer.digest())
        ? Optional.of(new Descriptor(MediaTypes.MANIFEST, digest, bytes.length))
        : Optional.empty();
  }

  private Descriptor write(LayerIngest ingest, ExecutionConfig execution) throws IOException {
    try (Ingest written = ingest.lease().ingest("the layer of image " + wanted.name())) {
      writeLayer(written);
      Descriptor layer = ingest.take(written);
      byte[] config =
          ImageJsonWriter.write(
              new ImageConfig(
                  Optional.empty(),
                  Optional.empty(),
                  Platform.host(),
                  execution,
                  List.of(layer.digest()),
                  List.of(
                      new ImageConfig.History(
                          Optional.empty(),
                          "pinnace from host: " + String.join(" ", wanted.programs()),
                          "",
                          "",
                          false))));
      byte[] manifest =
          ImageJsonWriter.write(
              new ImageManifest(
                  MediaTypes.MANIFEST,
                  new Descriptor(MediaTypes.CONFIG, ingest.put(config), config.length),
                  List.of(layer),
                  Map.of()));
      return new Descriptor(MediaTypes.MANIFEST, ingest.put(manifest), manifest.length);
    }
  }

  private void writeLayer(Ingest blob) throws IOException {
    OutputStream buffered = new BufferedOutputStream(blob, 1 << 16);
    try (TarWriter tar = new TarWriter(buffered)) {
      tree.write(tar);
    }
    buffered.flush();
  }
}
