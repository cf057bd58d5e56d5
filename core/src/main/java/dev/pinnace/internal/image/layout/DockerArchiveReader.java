package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.Printable;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.DockerArchiveImage;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.ImageLimit;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what {@code docker save} has written since 1.10: {@code manifest.json}, configurations and
 * layers. The format has no manifests, so one is written; the configuration keeps its bytes, and
 * with them the image its id.
 */
final class DockerArchiveReader {
  private static final Pattern NAMED_BY_DIGEST =
      Pattern.compile("(?:blobs/sha256/)?([0-9a-f]{64})(?:\\.json)?");

  private final ArchiveFiles files;
  private final LayerIngest ingest;
  private final Optional<Platform> wanted;
  private final Map<Layer, Descriptor> taken = new HashMap<>();

  /**
   * @param wanted what each image must be for; empty for whatever it is for
   */
  DockerArchiveReader(ArchiveFiles files, LayerIngest ingest, Optional<Platform> wanted) {
    this.files = files;
    this.ingest = ingest;
    this.wanted = wanted;
  }

  List<LoadedImage> read() throws IOException {
    Map<DockerArchiveImage, Set<ImageReference>> images = new LinkedHashMap<>();
    for (DockerArchiveImage image :
        ImageJson.readDockerArchive(
            files.document("manifest.json"), "manifest.json of " + files.name())) {
      images.computeIfAbsent(image.nameless(), first -> new LinkedHashSet<>()).addAll(names(image));
    }
    if (images.isEmpty()) {
      throw new InvalidSpecException(files.name() + " holds no image");
    }
    List<LoadedImage> loaded = new ArrayList<>();
    for (Map.Entry<DockerArchiveImage, Set<ImageReference>> image : images.entrySet()) {
      loaded.add(new LoadedImage(take(image.getKey()), List.copyOf(image.getValue())));
    }
    return loaded;
  }

  private List<ImageReference> names(DockerArchiveImage image) {
    try {
      return image.repoTags().stream()
          .map(tag -> ImageReference.parse(tag).withDefaultTag())
          .toList();
    } catch (InvalidSpecException refusal) {
      throw new CorruptException(
          files.name() + " names an image wrongly: " + refusal.getMessage(), refusal);
    }
  }

  private Descriptor take(DockerArchiveImage image) throws IOException {
    String what = Printable.line(image.config()) + " of " + files.name();
    byte[] configBytes = files.document(image.config());
    verifyName(image.config(), configBytes, what);
    ImageConfig config = ImageJson.readConfig(configBytes, what);
    if (wanted.filter(platform -> !platform.runs(config.platform())).isPresent()) {
      throw new NotFoundException(
          files.name() + " has no image for " + wanted.get() + "; it has: " + config.platform());
    }
    if (config.diffIds().size() != image.layers().size()) {
      throw new CorruptException(
          "manifest.json of "
              + files.name()
              + " has "
              + image.layers().size()
              + " layers, but "
              + Printable.line(image.config())
              + " has "
              + config.diffIds().size()
              + " diffIDs");
    }
    List<Descriptor> layers = new ArrayList<>();
    List<LayerIngest.Place> places = ImageImporter.places(config);
    ImageLimit limit = ImageLimit.usual();
    for (int i = 0; i < places.size(); i++) {
      layers.add(take(new Layer(image.layers().get(i), places.get(i)), limit));
    }
    ImageManifest manifest =
        new ImageManifest(
            MediaTypes.MANIFEST,
            new Descriptor(MediaTypes.CONFIG, ingest.put(configBytes), configBytes.length),
            layers,
            Map.of());
    byte[] manifestBytes = ImageJsonWriter.write(manifest);
    return new Descriptor(MediaTypes.MANIFEST, ingest.put(manifestBytes), manifestBytes.length);
  }

  private record Layer(String path, LayerIngest.Place place) {}

  /** Images of one archive share layers, which are read once. */
  private Descriptor take(Layer layer, ImageLimit limit) throws IOException {
    Descriptor known = taken.get(layer);
    if (known != null) {
      return known;
    }
    try (InputStream raw = files.open(layer.path())) {
      Descriptor read =
          ingest.take(
              raw,
              "layer " + Printable.line(layer.path()) + " of " + files.name(),
              layer.place(),
              limit);
      taken.put(layer, read);
      return read;
    }
  }

  private static void verifyName(String path, byte[] bytes, String what) {
    Matcher named = NAMED_BY_DIGEST.matcher(path);
    if (named.matches()) {
      Digest actual = Sha256.of(bytes);
      if (!actual.hex().equals(named.group(1))) {
        throw new CorruptException(what + " has the digest " + actual + ", not that of its name");
      }
    }
  }
}
