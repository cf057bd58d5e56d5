package dev.pinnace.internal.engine;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.PruneReport;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images of an engine. */
final class EngineImages implements Images {
  private static final Logger LOG = LoggerFactory.getLogger(EngineImages.class);

  private final Services services;

  EngineImages(Services services) {
    this.services = services;
  }

  private Parts parts() {
    return services.open().parts();
  }

  private record Handle(StoredImage stored) implements Image {
    @Override
    public Digest id() {
      return stored.id();
    }

    @Override
    public Digest digest() {
      return stored.target().digest();
    }

    @Override
    public List<String> references() {
      return stored.names().stream().map(ImageReference::familiar).toList();
    }

    @Override
    public ImageConfig config() {
      return stored.config();
    }

    @Override
    public long size() {
      return stored.size();
    }

    @Override
    public String toString() {
      List<String> names = references();
      return "image " + (names.isEmpty() ? "" : names.get(0) + " ") + "(" + id().shortHex() + ")";
    }
  }

  @Override
  public List<Image> load(Path archive) {
    return ApiCalls.of(() -> loaded(parts().images().load(archive)));
  }

  @Override
  public List<Image> load(InputStream archive) {
    return ApiCalls.of(() -> loaded(parts().images().load(archive)));
  }

  private static List<Image> loaded(List<StoredImage> images) {
    List<Image> handles = images.stream().<Image>map(Handle::new).toList();
    for (Image image : handles) {
      String name = image.references().stream().findFirst().orElse(image.id().shortHex());
      ImageFit.platform(name, image.config()).ifPresent(LOG::warn);
    }
    return handles;
  }

  @Override
  public HostImage host(String... programs) {
    return new Host(dev.pinnace.internal.image.host.HostImage.of(programs));
  }

  private final class Host implements HostImage {
    private dev.pinnace.internal.image.host.HostImage wanted;

    private Host(dev.pinnace.internal.image.host.HostImage wanted) {
      this.wanted = wanted;
    }

    @Override
    public HostImage with(Path path) {
      wanted = wanted.with(path);
      return this;
    }

    @Override
    public HostImage named(String reference) {
      wanted = wanted.named(ImageReference.parse(reference));
      return this;
    }

    @Override
    public Image build() {
      return ApiCalls.of(() -> new Handle(parts().images().fromHost(wanted)));
    }
  }

  @Override
  public Image get(String reference) {
    return ApiCalls.of(() -> new Handle(parts().images().get(reference)));
  }

  @Override
  public Optional<Image> find(String reference) {
    return ApiCalls.of(() -> parts().images().find(reference).map(Handle::new));
  }

  @Override
  public List<ImageSummary> list(ImageFilter filter) {
    return ApiCalls.of(
        () ->
            parts().images().entries().stream()
                .map(EngineImages::summary)
                .filter(filter::matches)
                .toList());
  }

  static ImageSummary summary(ListedImage entry) {
    return new ImageSummary(
        entry.id(),
        entry.target().digest(),
        entry.names().stream().map(ImageReference::familiar).toList(),
        entry.image().flatMap(image -> image.config().created()),
        entry.image().map(image -> image.config().config().labels()).orElse(Map.of()),
        entry.image().map(StoredImage::size).orElse(0L),
        entry.damage());
  }

  @Override
  public Image tag(String image, String newReference) {
    return ApiCalls.of(
        () -> new Handle(parts().images().tag(image, ImageReference.parse(newReference))));
  }

  @Override
  public ImageRemoval remove(String reference, boolean force) {
    return ApiCalls.of(() -> new ImageRemovals(parts()).remove(reference, force));
  }

  @Override
  public PruneReport prune(ImageFilter filter) {
    return ApiCalls.of(() -> new Pruning(services.open()).images(filter));
  }

  /** Removes what killed JVMs were bringing in; where that fails, the next engine tries again. */
  static void recover(ImageStore images) {
    try {
      images.recover();
    } catch (PinnaceException e) {
      LOG.warn("images that were not loaded to their end cannot be removed: {}", e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  /**
   * The layers on which containers stand.
   *
   * @throws dev.pinnace.error.CorruptException when a record is damaged: what it uses is not known
   */
  static Set<Digest> layersInUse(ContainerStore store) {
    return store.ids().stream()
        .flatMap(id -> store.read(id).stream())
        .flatMap(record -> record.topLayer().stream())
        .collect(Collectors.toSet());
  }
}
