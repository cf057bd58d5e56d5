package dev.pinnace.internal.image;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.transfer.PlatformChoice;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads images' documents from the store; what was read is remembered. Thread-safe. */
final class ImageReader {
  private static final Logger LOG = LoggerFactory.getLogger(ImageReader.class);
  private static final int MOST_REMEMBERED = 256;
  private static final int DEEPEST_INDEX = 8;

  private final ContentStore store;
  private final Map<Descriptor, StoredImage> remembered = new ConcurrentHashMap<>();

  ImageReader(ContentStore store) {
    this.store = store;
  }

  StoredImage read(Descriptor target, List<ImageReference> names) throws IOException {
    StoredImage known = remembered.get(target);
    if (known == null) {
      known = readDocuments(target);
      if (remembered.size() >= MOST_REMEMBERED) {
        remembered.clear();
      }
      remembered.put(target, known);
    }
    return new StoredImage(target, known.manifestDigest(), known.manifest(), known.config(), names);
  }

  /** The same, but what is damaged or lost is only said. */
  ListedImage list(Descriptor target, List<ImageReference> names) throws IOException {
    try {
      StoredImage image = read(target, names);
      return new ListedImage(target, names, Optional.of(image), Optional.empty());
    } catch (CorruptException | NotFoundException damage) {
      return new ListedImage(
          target, names, Optional.empty(), Optional.of(String.valueOf(damage.getMessage())));
    }
  }

  private StoredImage readDocuments(Descriptor target) throws IOException {
    Descriptor at = target;
    for (int depth = 0; depth <= DEEPEST_INDEX; depth++) {
      byte[] document = document(at.digest());
      String what = "stored document " + at.digest();
      if (!MediaTypes.isIndex(type(at, document, what))) {
        ImageManifest manifest = ImageJson.readManifest(document, what);
        Digest configDigest = manifest.config().digest();
        ImageConfig config =
            ImageJson.readConfig(document(configDigest), "stored configuration " + configDigest);
        return new StoredImage(target, at.digest(), manifest, config, List.of());
      }
      at = present(document, what, target.platform().orElseGet(Platform::host));
    }
    throw new CorruptException("the stored image " + target.digest() + " nests indexes too deep");
  }

  /** Of an index's manifests those that were taken in; normally one. */
  private Descriptor present(byte[] document, String what, Platform platform) {
    List<Descriptor> here =
        ImageJson.readIndex(document, what).manifests().stream()
            .filter(child -> store.has(child.digest()))
            .toList();
    return PlatformChoice.best(here, platform)
        .or(() -> here.stream().findFirst())
        .orElseThrow(
            () ->
                new CorruptException(
                    what + " has lost its manifest: load or pull the image again"));
  }

  private static String type(Descriptor at, byte[] document, String what) {
    return at.mediaType().isEmpty() ? ImageJson.mediaType(document, what) : at.mediaType();
  }

  private byte[] document(Digest digest) throws IOException {
    return store.read(digest, ImageJson.LARGEST_DOCUMENT);
  }

  /**
   * Adds every blob and chain ID that {@code target} needs, as far as it is here; of an index for
   * one platform only the image for that. Beyond a damaged document nothing can be used, and
   * nothing is needed.
   */
  void reach(Descriptor target, Set<Digest> reached) throws IOException {
    if (!store.has(target.digest())) {
      return;
    }
    boolean isNew = reached.add(target.digest());
    try {
      if (target.platform().isPresent() && MediaTypes.isIndex(target.mediaType())) {
        String what = "stored document " + target.digest();
        Descriptor one = present(document(target.digest()), what, target.platform().get());
        reach(one.on(target.platform()), reached);
      } else if (isNew) {
        reachBeyond(target, reached);
      }
    } catch (CorruptException damage) {
      LOG.warn("image {} is damaged: {}", target.digest(), damage.getMessage());
    }
  }

  /** What {@link #reach} adds; less where it is being removed. */
  Set<Digest> parts(Descriptor target) throws IOException {
    Set<Digest> parts = new HashSet<>();
    try {
      reach(target, parts);
    } catch (NotFoundException removed) {
      LOG.debug("image {} loses its parts", target.digest(), removed);
    }
    return parts;
  }

  private void reachBeyond(Descriptor target, Set<Digest> reached) throws IOException {
    byte[] document = document(target.digest());
    String what = "stored document " + target.digest();
    if (MediaTypes.isIndex(type(target, document, what))) {
      for (Descriptor child : ImageJson.readIndex(document, what).manifests()) {
        reach(child.on(Optional.empty()), reached);
      }
      return;
    }
    ImageManifest manifest = ImageJson.readManifest(document, what);
    manifest.layers().forEach(layer -> reached.add(layer.digest()));
    Digest configDigest = manifest.config().digest();
    reached.add(configDigest);
    if (store.has(configDigest)) {
      reached.addAll(
          ImageJson.readConfig(document(configDigest), "stored configuration " + configDigest)
              .chainIds());
    }
  }
}
