package dev.pinnace.internal.image.transfer;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.Printable;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Follows a descriptor through indexes to the manifest for one platform and takes in everything on
 * the way, layers first, so that a document in the store implies what it refers to. Documents are
 * stored as the bytes they came as.
 */
public final class ImageImporter {
  private static final int DEEPEST_INDEX = 4;

  /** What overlayfs takes as lower layers (OVL_MAX_STACK). */
  public static final int MOST_LAYERS = 500;

  private final BlobSource source;
  private final LayerIngest ingest;
  private final Layers all;
  private final Platform platform;
  private final boolean exact;
  private final String origin;
  private final Set<Taken> taken = new HashSet<>();

  /**
   * @param exact whether an image that says it is for another platform is refused
   * @param origin where the blobs come from, for messages
   */
  public ImageImporter(
      BlobSource source, LayerIngest ingest, Platform platform, boolean exact, String origin) {
    this.source = source;
    this.ingest = ingest;
    this.all = this::oneByOne;
    this.platform = platform;
    this.exact = exact;
    this.origin = origin;
  }

  /**
   * The same with layers that are taken in otherwise than one after the other.
   *
   * @param source has the documents
   */
  public ImageImporter(
      BlobSource source,
      LayerIngest ingest,
      Layers layers,
      Platform platform,
      boolean exact,
      String origin) {
    this.source = source;
    this.ingest = ingest;
    this.all = layers;
    this.platform = platform;
    this.exact = exact;
    this.origin = origin;
  }

  /** Takes in the layers of an image. */
  @FunctionalInterface
  public interface Layers {
    /** Takes in all of them, lowest first; each has its place at the same index. */
    void take(List<Descriptor> layers, List<LayerIngest.Place> places) throws IOException;
  }

  /**
   * Takes in an image.
   *
   * @return the manifest's descriptor, which is {@code target} itself unless that is an index; then
   *     it has the platform that the index gives it
   * @throws NotFoundException when an index has nothing for the platform
   * @throws InvalidSpecException when it is something else than a container image
   * @throws CorruptException when a blob is not what its descriptor says
   */
  public Descriptor take(Descriptor target) throws IOException {
    return take(target, 0, target.platform().filter(platform::runs).isPresent());
  }

  /**
   * As {@link #take(Descriptor)}.
   *
   * @param stated whether an index has said that it is for the platform: it may know the variant
   *     better than the image
   */
  private Descriptor take(Descriptor target, int depth, boolean stated) throws IOException {
    if (depth > DEEPEST_INDEX) {
      throw new CorruptException(
          origin + " nests image indexes deeper than " + DEEPEST_INDEX + " at " + target.digest());
    }
    byte[] document = read(target);
    String what = describe("document", target);
    String mediaType =
        target.mediaType().isEmpty() ? ImageJson.mediaType(document, what) : target.mediaType();
    if (MediaTypes.isIndex(mediaType)) {
      ImageIndex index = ImageJson.readIndex(document, describe("index", target));
      Descriptor child =
          PlatformChoice.best(index.manifests(), platform)
              .orElseThrow(
                  () ->
                      new NotFoundException(
                          origin
                              + " has no image for "
                              + platform
                              + "; it has: "
                              + PlatformChoice.describe(index.manifests())));
      Descriptor manifest = take(child, depth + 1, stated || child.platform().isPresent());
      ingest.put(document);
      return manifest.platform().isPresent() ? manifest : manifest.on(child.platform());
    }
    if (!MediaTypes.isManifest(mediaType)) {
      throw new InvalidSpecException(
          describe("document", target) + " is not an image but " + mediaType);
    }
    takeManifest(ImageJson.readManifest(document, describe("manifest", target)), target, stated);
    ingest.put(document);
    return new Descriptor(mediaType, target.digest(), target.size());
  }

  private void takeManifest(ImageManifest manifest, Descriptor target, boolean stated)
      throws IOException {
    if (!MediaTypes.isConfig(manifest.config().mediaType())) {
      throw new InvalidSpecException(
          describe("manifest", target)
              + " is not of a container image: its config is "
              + manifest.config().mediaType());
    }
    byte[] configBytes = read(manifest.config());
    ImageConfig config =
        ImageJson.readConfig(configBytes, describe("configuration", manifest.config()));
    if (exact && !stated && !platform.runs(config.platform())) {
      throw new NotFoundException(
          origin + " has no image for " + platform + "; it has: " + config.platform());
    }
    List<Descriptor> layers = manifest.layers();
    if (layers.size() != config.diffIds().size()) {
      throw new CorruptException(
          describe("manifest", target)
              + " has "
              + layers.size()
              + " layers, but its configuration has "
              + config.diffIds().size()
              + " diffIDs");
    }
    for (Descriptor layer : layers) {
      if (!MediaTypes.isLayer(layer.mediaType())) {
        throw new InvalidSpecException(
            describe("layer", layer)
                + " is not a layer of files but "
                + Printable.line(layer.mediaType()));
      }
    }
    all.take(layers, places(config));
    ingest.put(configBytes);
  }

  /**
   * Where each layer of an image stands, lowest first.
   *
   * @throws InvalidSpecException when they are more than can be mounted
   */
  public static List<LayerIngest.Place> places(ImageConfig config) {
    if (config.diffIds().size() > MOST_LAYERS) {
      throw new InvalidSpecException(
          "an image of "
              + config.diffIds().size()
              + " layers is refused: no more than "
              + MOST_LAYERS
              + " can be mounted over each other");
    }
    List<Digest> chain = config.chainIds();
    List<LayerIngest.Place> places = new ArrayList<>(chain.size());
    for (int i = 0; i < chain.size(); i++) {
      places.add(
          new LayerIngest.Place(
              config.diffIds().get(i),
              chain.get(i),
              i == 0 ? Optional.empty() : Optional.of(chain.get(i - 1))));
    }
    return places;
  }

  /** Images of one source share layers, which are read once for each place. */
  private void oneByOne(List<Descriptor> layers, List<LayerIngest.Place> places)
      throws IOException {
    ImageLimit limit = ImageLimit.usual();
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layers.get(i);
      if (!taken.add(new Taken(layer, places.get(i)))) {
        continue;
      }
      try (InputStream raw = source.open(layer)) {
        ingest.take(raw, describe("layer", layer), layer, places.get(i), limit);
      }
    }
  }

  private record Taken(Descriptor layer, LayerIngest.Place place) {}

  private byte[] read(Descriptor blob) throws IOException {
    String what = describe("document", blob);
    if (blob.size() > ImageJson.LARGEST_DOCUMENT) {
      throw new CorruptException(
          what
              + " says it has "
              + blob.size()
              + " bytes; the limit is "
              + ImageJson.LARGEST_DOCUMENT);
    }
    while (true) {
      try {
        return read(blob, what);
      } catch (CorruptException wrong) {
        if (!source.disown(blob)) {
          throw wrong;
        }
      }
    }
  }

  private byte[] read(Descriptor blob, String what) throws IOException {
    byte[] bytes;
    try (InputStream in = source.open(blob)) {
      bytes = in.readNBytes((int) blob.size() + 1);
    }
    if (bytes.length != blob.size()) {
      throw new CorruptException(
          what
              + (bytes.length > blob.size()
                  ? " is longer than the " + blob.size() + " bytes that its descriptor says"
                  : " has " + bytes.length + " bytes, but its descriptor says " + blob.size()));
    }
    Digest actual = Sha256.of(bytes);
    if (!actual.equals(blob.digest())) {
      throw new CorruptException(
          what + " has the digest " + actual + ", but its descriptor says " + blob.digest());
    }
    return bytes;
  }

  private String describe(String kind, Descriptor blob) {
    return kind + " " + blob.digest() + " of " + origin;
  }
}
