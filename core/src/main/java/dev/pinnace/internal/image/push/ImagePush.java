package dev.pinnace.internal.image.push;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.KeptImages;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.pull.ProgressBoard;
import dev.pinnace.internal.image.registry.Destination;
import dev.pinnace.internal.image.transfer.SideBySide;
import dev.pinnace.linux.Reasons;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One push: blobs first, then manifests, then what the name points at, so that a registry has never
 * a manifest of which something is missing.
 *
 * @param reference the image's name here and there, with a tag
 * @param platform which image of an index goes alone; empty for all that is here
 * @param board where progress is written down
 * @param threads what blobs are brought by
 * @param atATime how many of them are under way at most
 */
public record ImagePush(
    ImageStore images,
    Destination to,
    ImageReference reference,
    Optional<Platform> platform,
    ProgressBoard board,
    Executor threads,
    int atATime) {
  private static final Logger LOG = LoggerFactory.getLogger(ImagePush.class);

  /**
   * Pushes.
   *
   * @return the digest that the name has at the registry now
   * @throws NotFoundException when there is no image of that name
   */
  public Digest run() {
    try {
      return pushed();
    } catch (IOException failure) {
      throw new PinnaceException(
          "cannot push "
              + reference.familiar()
              + ": "
              + Reasons.of(failure)
              + Reasons.hint(failure),
          failure);
    }
  }

  private Digest pushed() throws IOException {
    StoredImage image = images.get(reference.toString());
    ContentStore store = images.content();
    try (KeptImages kept = images.keep(List.of(image))) {
      PushPlan plan = PushPlan.of(store, image, platform);
      if (plan.isPartOf(image) && platform.isEmpty()) {
        LOG.warn(
            "not everything of the index {} is here: of {} the image for {} is pushed",
            image.target().digest(),
            reference.familiar(),
            image.config().platform());
      }
      plan.foreign().forEach(board::skipped);
      Map<Digest, List<String>> elsewhere = elsewhere();
      SideBySide.run(
          "pushing " + reference.familiar(),
          plan.blobs(),
          atATime,
          threads,
          blob -> bring(blob, elsewhere),
          brought -> {});
      for (Descriptor document : plan.documents()) {
        put(document, document.digest().equals(plan.root().digest()));
      }
      return plan.root().digest();
    }
  }

  private void put(Descriptor document, boolean root) throws IOException {
    String name =
        root
            ? reference.tag().orElseGet(() -> document.digest().toString())
            : document.digest().toString();
    ProgressBoard.Line line = board.line(document);
    if (to.hasManifest(name, document)) {
      line.is(Phase.EXISTS, document.size());
      return;
    }
    byte[] bytes = images.content().read(document.digest(), ImageJson.LARGEST_DOCUMENT);
    to.putManifest(name, document.mediaType(), bytes);
    line.is(Phase.DONE, document.size());
  }

  private void bring(Descriptor blob, Map<Digest, List<String>> elsewhere) {
    ProgressBoard.Line line = board.line(blob);
    if (to.has(blob.digest())) {
      line.is(Phase.EXISTS, blob.size());
      return;
    }
    Optional<String> from = elsewhere.getOrDefault(blob.digest(), List.of()).stream().findFirst();
    Destination.Outcome outcome =
        to.bring(
            blob,
            from,
            () -> images.content().open(blob.digest()),
            sent -> line.is(Phase.UPLOADING, sent));
    line.is(outcome == Destination.Outcome.MOUNTED ? Phase.MOUNTED : Phase.DONE, blob.size());
  }

  /** The other repositories of the registry by whose names the store has blobs. */
  private Map<Digest, List<String>> elsewhere() {
    Map<Digest, List<String>> paths = new HashMap<>();
    for (ListedImage image : images.entries()) {
      for (ImageReference name : image.names()) {
        if (name.domain().equals(reference.domain()) && !name.path().equals(reference.path())) {
          image
              .image()
              .map(StoredImage::manifest)
              .ifPresent(manifest -> add(paths, manifest, name.path()));
        }
      }
    }
    return paths;
  }

  private static void add(Map<Digest, List<String>> paths, ImageManifest manifest, String path) {
    Stream.concat(Stream.of(manifest.config()), manifest.layers().stream())
        .forEach(blob -> paths.computeIfAbsent(blob.digest(), key -> new ArrayList<>()).add(path));
  }
}
