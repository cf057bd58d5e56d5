package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.Printable;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.DockerArchiveImage;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.PlatformChoice;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads an OCI image layout, alone or inside what a recent {@code docker save} writes.
 *
 * <p>Names: the annotation {@code io.containerd.image.name} where there is one, else {@code
 * org.opencontainers.image.ref.name} when it is a whole reference, else the tags of Docker's {@code
 * manifest.json}. A bare word, as skopeo and umoci write, is a tag: the image is then called {@code
 * localhost/ARCHIVE:WORD} after the file, and not at all where the archive came as a stream.
 */
final class LayoutReader {
  private static final String CONTAINERD_NAME = "io.containerd.image.name";
  private static final Pattern KNOWN_VERSION = Pattern.compile("1\\.[0-9]+\\.[0-9]+");

  private final ArchiveFiles files;
  private final LayerIngest ingest;
  private final Optional<Platform> wanted;
  private final Platform platform;
  private final Optional<String> baseName;
  private final Map<Digest, List<ImageReference>> dockerTags = new LinkedHashMap<>();

  LayoutReader(
      ArchiveFiles files,
      LayerIngest ingest,
      Optional<Platform> wanted,
      Optional<String> baseName) {
    this.files = files;
    this.ingest = ingest;
    this.wanted = wanted;
    this.platform = wanted.orElseGet(Platform::host);
    this.baseName = baseName;
  }

  List<LoadedImage> read() throws IOException {
    checkVersion();
    String indexName = "index.json of " + files.name();
    List<Descriptor> entries =
        ImageJson.readIndex(files.document("index.json"), indexName).manifests();
    readDockerTags();
    ImageImporter importer =
        new ImageImporter(
            blob -> files.open("blobs/sha256/" + blob.digest().hex()),
            ingest,
            platform,
            wanted.isPresent(),
            files.name());
    Map<Descriptor, Set<ImageReference>> images = new LinkedHashMap<>();
    for (Descriptor entry : chosen(entries)) {
      Descriptor manifest = importer.take(entry);
      Descriptor target =
          entry.mediaType().isEmpty()
              ? manifest
              : new Descriptor(entry.mediaType(), entry.digest(), entry.size())
                  .on(manifest.platform());
      images.computeIfAbsent(target, first -> new LinkedHashSet<>()).addAll(names(entry, manifest));
    }
    if (images.isEmpty()) {
      throw new NotFoundException(
          indexName + " names no container image" + wanted.map(only -> " for " + only).orElse(""));
    }
    List<LoadedImage> loaded = new ArrayList<>();
    images.forEach((target, names) -> loaded.add(new LoadedImage(target, List.copyOf(names))));
    return loaded;
  }

  private void checkVersion() throws IOException {
    String what = "oci-layout of " + files.name();
    String version = ImageJson.readLayoutVersion(files.document("oci-layout"), what);
    if (!KNOWN_VERSION.matcher(version).matches()) {
      throw new InvalidSpecException(
          what
              + " says that it has version \""
              + Printable.line(version)
              + "\" of the image layout; only 1.x.y is known: write it again in that one");
    }
  }

  /**
   * Of several entries with one name, the one for the platform; of nameless ones, all that are not
   * known to be for another than is wanted.
   */
  private List<Descriptor> chosen(List<Descriptor> entries) {
    Map<String, List<Descriptor>> byName = new LinkedHashMap<>();
    List<Descriptor> chosen = new ArrayList<>();
    for (Descriptor entry : entries) {
      String type = entry.mediaType();
      if (!type.isEmpty() && !MediaTypes.isIndex(type) && !MediaTypes.isManifest(type)) {
        continue; // the specification asks to ignore what is not known
      }
      String name = name(entry);
      if (name.isEmpty()) {
        if (wanted.isEmpty() || entry.platform().filter(other -> !platform.runs(other)).isEmpty()) {
          chosen.add(entry);
        }
      } else {
        byName.computeIfAbsent(name, first -> new ArrayList<>()).add(entry);
      }
    }
    byName.forEach(
        (name, same) ->
            chosen.add(
                same.size() == 1
                    ? same.get(0)
                    : PlatformChoice.best(same, platform)
                        .orElseThrow(
                            () ->
                                new NotFoundException(
                                    name
                                        + " in "
                                        + files.name()
                                        + " is not there for "
                                        + platform
                                        + "; it is for: "
                                        + PlatformChoice.describe(same)))));
    return chosen;
  }

  private static String name(Descriptor entry) {
    String full = entry.annotation(CONTAINERD_NAME);
    String ref = entry.annotation(Descriptor.REF_NAME);
    return full != null ? full : ref != null ? ref : "";
  }

  private List<ImageReference> names(Descriptor entry, Descriptor manifest) throws IOException {
    String name = name(entry);
    if (name.isEmpty() || !isReference(name)) {
      List<ImageReference> tags = tagsOf(manifest);
      if (!tags.isEmpty() || name.isEmpty()) {
        return tags;
      }
      return baseName.map(base -> List.of(afterFile(base, name))).orElse(List.of());
    }
    return List.of(reference(name));
  }

  private static boolean isReference(String name) {
    return name.indexOf('/') >= 0 || name.indexOf(':') >= 0;
  }

  private ImageReference reference(String name) {
    try {
      return ImageReference.parse(name).withDefaultTag();
    } catch (InvalidSpecException refusal) {
      throw new CorruptException(
          files.name() + " names an image wrongly: " + refusal.getMessage(), refusal);
    }
  }

  private ImageReference afterFile(String file, String tag) {
    String repository =
        file.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    return reference("localhost/" + (repository.isEmpty() ? "image" : repository) + ":" + tag);
  }

  /** Docker's own list of names, where the archive has one beside the layout. */
  private void readDockerTags() throws IOException {
    if (!files.has("manifest.json")) {
      return;
    }
    String what = "manifest.json of " + files.name();
    Map<String, Digest> configs = new HashMap<>();
    for (DockerArchiveImage image :
        ImageJson.readDockerArchive(files.document("manifest.json"), what)) {
      Digest config = configs.get(image.config());
      if (config == null) {
        config = Sha256.of(files.document(image.config()));
        configs.put(image.config(), config);
      }
      List<ImageReference> tags = dockerTags.computeIfAbsent(config, first -> new ArrayList<>());
      image.repoTags().forEach(tag -> tags.add(reference(tag)));
    }
  }

  private List<ImageReference> tagsOf(Descriptor manifest) throws IOException {
    if (dockerTags.isEmpty()) {
      return List.of();
    }
    String path = "blobs/sha256/" + manifest.digest().hex();
    Digest config =
        ImageJson.readManifest(files.document(path), path + " of " + files.name())
            .config()
            .digest();
    return dockerTags.getOrDefault(config, List.of());
  }
}
