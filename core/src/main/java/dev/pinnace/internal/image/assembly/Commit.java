package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.MadeLayer;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image with one layer more than another: what a container changed.
 *
 * @param container its name, for messages
 * @param base the manifest of the container's image
 * @param baseConfig the configuration of the container's image
 * @param command what the container was to run, for the history
 * @param config how a container of the new image starts
 * @param spec what was asked for
 */
public record Commit(
    String container,
    ImageManifest base,
    ImageConfig baseConfig,
    List<String> command,
    ExecutionConfig config,
    CommitSpec spec) {

  /**
   * Takes the image in and answers its manifest.
   *
   * @param changes writes what the container has changed, and says whether that is anything
   */
  public Descriptor take(LayerIngest ingest, LayerIngest.Writing changes) throws IOException {
    if (baseConfig.diffIds().size() >= ImageImporter.MOST_LAYERS) {
      throw new ConflictException(
          "cannot commit container "
              + container
              + ": its image has "
              + ImageImporter.MOST_LAYERS
              + " layers, and no more can be mounted; export and import make one of them");
    }
    keepBase(ingest);
    List<Digest> chain = baseConfig.chainIds();
    Optional<Digest> top =
        chain.isEmpty() ? Optional.empty() : Optional.of(chain.get(chain.size() - 1));
    Optional<MadeLayer> made = ingest.make("the changes of container " + container, top, changes);
    boolean docker = base.mediaType().equals(MediaTypes.DOCKER_MANIFEST);
    List<Descriptor> layers = new ArrayList<>(base.layers());
    List<Digest> diffIds = new ArrayList<>(baseConfig.diffIds());
    if (made.isPresent()) {
      Descriptor blob = made.get().blob();
      layers.add(
          docker ? new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, blob.digest(), blob.size()) : blob);
      diffIds.add(made.get().diffId());
    }
    return new NewImage(configuration(diffIds, made.isEmpty()), layers, docker).store(ingest);
  }

  private ImageConfig configuration(List<Digest> diffIds, boolean emptyLayer) {
    Optional<Instant> now = Optional.of(Instant.now());
    List<ImageConfig.History> history = new ArrayList<>(baseConfig.history());
    history.add(
        new ImageConfig.History(
            now, String.join(" ", command), spec.author().orElse(""), spec.message(), emptyLayer));
    return new ImageConfig(
        now, spec.author().or(baseConfig::author), baseConfig.platform(), config, diffIds, history);
  }

  /** What the new image shares must be here, and stay. */
  private void keepBase(LayerIngest ingest) throws IOException {
    List<Digest> chain = baseConfig.chainIds();
    for (int i = 0; i < base.layers().size(); i++) {
      Descriptor layer = base.layers().get(i);
      if (!ingest.has(layer, chain.get(i))) {
        throw new NotFoundException(
            "layer "
                + layer.digest()
                + " of the image of container "
                + container
                + " is not here any more: load or pull that image again, or export the container");
      }
    }
  }
}
