package dev.pinnace.internal.image.push;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.json.IndexDocument;
import dev.pinnace.internal.image.transfer.PlatformChoice;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a push brings. An index goes as a whole if everything that it lists is here; else the one
 * image of it that is here goes, as Docker has it.
 *
 * @param root what the name will point at
 * @param documents manifests and indexes, each after those that it lists; {@code root} is the last
 * @param blobs configurations and layers by digest
 * @param foreign layers that registries must not hand on, which stay here
 */
record PushPlan(
    Descriptor root,
    Collection<Descriptor> documents,
    Collection<Descriptor> blobs,
    Collection<Descriptor> foreign) {
  private static final int DEEPEST_INDEX = 8;

  static PushPlan of(ContentStore store, StoredImage image, Optional<Platform> platform)
      throws IOException {
    Descriptor target = described(store, image.target());
    if (platform.isPresent()) {
      return new Collected(store).plan(chosen(store, target, platform.get(), false));
    }
    Collected whole = new Collected(store);
    if (whole.takes(target, 0)) {
      return whole.plan(target);
    }
    Descriptor manifest =
        described(
            store,
            new Descriptor(
                image.manifest().mediaType(),
                image.manifestDigest(),
                store.size(image.manifestDigest())));
    return new Collected(store).plan(manifest);
  }

  boolean isPartOf(StoredImage image) {
    return !root.digest().equals(image.target().digest());
  }

  private static byte[] document(ContentStore store, Descriptor at) throws IOException {
    return store.read(at.digest(), ImageJson.LARGEST_DOCUMENT);
  }

  /** An entry of the store may lack its media type, which a registry wants to know. */
  private static Descriptor described(ContentStore store, Descriptor at) throws IOException {
    if (!at.mediaType().isEmpty()) {
      return new Descriptor(at.mediaType(), at.digest(), at.size());
    }
    String type = ImageJson.mediaType(document(store, at), "stored document " + at.digest());
    return new Descriptor(type, at.digest(), at.size());
  }

  /**
   * The manifest for a platform.
   *
   * @param stated whether an index has said that it is; else its configuration is asked
   */
  private static Descriptor chosen(
      ContentStore store, Descriptor target, Platform platform, boolean stated) throws IOException {
    if (!MediaTypes.isIndex(target.mediaType())) {
      if (!stated) {
        requirePlatform(store, target, platform);
      }
      return target;
    }
    var manifests =
        ImageJson.readIndex(document(store, target), "stored index " + target.digest()).manifests();
    Descriptor best =
        PlatformChoice.best(manifests, platform)
            .filter(child -> store.has(child.digest()))
            .orElseThrow(() -> missing(platform));
    return chosen(store, described(store, best), platform, stated || best.platform().isPresent());
  }

  private static void requirePlatform(ContentStore store, Descriptor manifest, Platform platform)
      throws IOException {
    Descriptor config =
        ImageJson.readManifest(document(store, manifest), "stored document " + manifest.digest())
            .config();
    Platform actual =
        ImageJson.readConfig(document(store, config), "stored configuration " + config.digest())
            .platform();
    if (!platform.runs(actual)) {
      throw missing(platform);
    }
  }

  private static NotFoundException missing(Platform platform) {
    return new NotFoundException("there is no image for " + platform + " here to push");
  }

  /** What was found below a document. */
  private static final class Collected {
    private final ContentStore store;
    private final Map<Digest, Descriptor> documents = new LinkedHashMap<>();
    private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    private final Map<Digest, Descriptor> foreign = new LinkedHashMap<>();

    Collected(ContentStore store) {
      this.store = store;
    }

    PushPlan plan(Descriptor root) throws IOException {
      if (!documents.containsKey(root.digest()) && !takes(root, 0)) {
        throw new CorruptException(
            "the image "
                + root.digest().shortHex()
                + " has lost some of its bytes: pull or load it again");
      }
      return new PushPlan(root, documents.values(), blobs.values(), foreign.values());
    }

    /** Whether everything below is here. */
    boolean takes(Descriptor at, int depth) throws IOException {
      if (documents.containsKey(at.digest())) {
        return true;
      }
      if (depth > DEEPEST_INDEX || !store.has(at.digest())) {
        return false;
      }
      byte[] document = document(store, at);
      String what = "stored document " + at.digest();
      if (MediaTypes.isIndex(at.mediaType())) {
        IndexDocument index = ImageJson.readWholeIndex(document, what);
        if (!index.foreign().isEmpty()) {
          return false;
        }
        for (Descriptor child : index.index().manifests()) {
          if (!store.has(child.digest()) || !takes(described(store, child), depth + 1)) {
            return false;
          }
        }
      } else if (!takes(ImageJson.readManifest(document, what))) {
        return false;
      }
      documents.put(at.digest(), at);
      return true;
    }

    private boolean takes(ImageManifest manifest) throws IOException {
      Stream<Descriptor> all =
          Stream.concat(Stream.of(manifest.config()), manifest.layers().stream());
      for (Descriptor blob : all.toList()) {
        if (MediaTypes.isNonDistributable(blob.mediaType())) {
          foreign.put(blob.digest(), blob);
          continue;
        }
        if (!store.has(blob.digest()) || store.size(blob.digest()) != blob.size()) {
          return false;
        }
        blobs.put(blob.digest(), blob);
      }
      return true;
    }
  }
}
