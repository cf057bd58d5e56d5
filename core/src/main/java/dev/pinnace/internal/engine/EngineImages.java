package dev.pinnace.internal.engine;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.PullOptions;
import dev.pinnace.PushOptions;
import dev.pinnace.Task;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.image.ImageSaver;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.pull.ProgressBoard;
import dev.pinnace.internal.image.push.ImagePush;
import dev.pinnace.internal.image.registry.RegistryClient;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.ImageStep;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.RegistryCredentials;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.SearchResult;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images of an engine. */
final class EngineImages implements Images {
  private static final Logger LOG = LoggerFactory.getLogger(EngineImages.class);

  private static final Comparator<ImageSummary> NEWEST_FIRST =
      Comparator.comparing(
          (ImageSummary image) -> image.created().orElse(Instant.MIN), Comparator.reverseOrder());

  private final Services services;

  EngineImages(Services services) {
    this.services = services;
  }

  private Parts parts() {
    return services.parts();
  }

  private record Handle(EngineImages images, StoredImage stored) implements Image {
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
    public Bytes size() {
      return Bytes.of(images.services.calls().of(() -> images.parts().images().size(stored)));
    }

    @Override
    public String toString() {
      List<String> names = references();
      return "image " + (names.isEmpty() ? "" : names.get(0) + " ") + "(" + id().shortHex() + ")";
    }
  }

  @Override
  public Task<Image> pull(ImageReference reference, PullOptions options) {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(options, "options");
    return services.calls().of(() -> services.pulls().start(reference, options, this::pulled));
  }

  private Image pulled(StoredImage image) {
    String name = image.names().stream().findFirst().map(ImageReference::familiar).orElse("");
    ImageFit.platform(name, image.config()).ifPresent(LOG::warn);
    return handle(image);
  }

  @Override
  public List<Image> load(Path archive) {
    Objects.requireNonNull(archive, "archive");
    return services.calls().of(() -> loaded(parts().images().load(archive)));
  }

  @Override
  public List<Image> load(Path archive, Platform platform) {
    Objects.requireNonNull(archive, "archive");
    Objects.requireNonNull(platform, "platform");
    return services.calls().of(() -> loaded(parts().images().load(archive, platform)));
  }

  @Override
  public List<Image> load(InputStream archive) {
    Objects.requireNonNull(archive, "archive");
    return services.calls().of(() -> loaded(parts().images().load(archive)));
  }

  @Override
  public List<Image> load(InputStream archive, Platform platform) {
    Objects.requireNonNull(archive, "archive");
    Objects.requireNonNull(platform, "platform");
    return services.calls().of(() -> loaded(parts().images().load(archive, platform)));
  }

  @Override
  public void save(List<String> references, OutputStream out, SaveOptions options) {
    Objects.requireNonNull(references, "references");
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(out, "out");
    services
        .calls()
        .of(
            () -> {
              new ImageSaver(parts().images()).save(references, out, options);
              saved(references);
            });
  }

  @Override
  public void save(List<String> references, Path target, SaveOptions options) {
    Objects.requireNonNull(references, "references");
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(target, "target");
    services
        .calls()
        .of(
            () -> {
              new ImageSaver(parts().images()).save(references, target, options);
              saved(references);
            });
  }

  /** Of one that is gone by now nothing is told. */
  private void saved(List<String> references) {
    for (String reference : references) {
      parts()
          .images()
          .find(reference)
          .ifPresent(image -> services.events().tellImage(Action.SAVE, image, reference));
    }
  }

  @Override
  public Image importTar(InputStream tar, ImportSpec spec) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(tar, "tar");
    return services.calls().of(() -> imported(new Imports(parts()).of(tar, spec)));
  }

  @Override
  public Image importTar(Path tar, ImportSpec spec) {
    Objects.requireNonNull(tar, "tar");
    Objects.requireNonNull(spec, "spec");
    return services.calls().of(() -> imported(new Imports(parts()).of(tar, spec)));
  }

  @Override
  public Image importTar(URI tar, ImportSpec spec) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(tar, "tar");
    return services.calls().of(() -> imported(new Imports(parts()).of(tar, spec)));
  }

  @Override
  public Set<Digest> madeOn(String reference) {
    Objects.requireNonNull(reference, "reference");
    return services
        .calls()
        .of(
            () -> {
              StoredImage first = parts().images().get(reference);
              Set<Digest> ids = new HashSet<>(Set.of(first.id()));
              parts().images().list().stream()
                  .filter(image -> image.config().isMadeOn(first.config()))
                  .forEach(image -> ids.add(image.id()));
              return Set.copyOf(ids);
            });
  }

  @Override
  public List<ImageStep> history(String reference) {
    Objects.requireNonNull(reference, "reference");
    return services
        .calls()
        .of(
            () -> {
              ImageStore images = parts().images();
              StoredImage image = images.get(reference);
              return ImageSteps.of(image, images.layerSizes(image));
            });
  }

  Image handle(StoredImage stored) {
    return new Handle(this, stored);
  }

  private Image imported(StoredImage image) {
    services.events().tellImage(Action.IMPORT, image);
    return handle(image);
  }

  private List<Image> loaded(List<StoredImage> images) {
    images.forEach(image -> services.events().tellImage(Action.LOAD, image));
    List<Image> handles = images.stream().map(this::handle).toList();
    for (Image image : handles) {
      String name = image.references().stream().findFirst().orElse(image.id().shortHex());
      ImageFit.platform(name, image.config()).ifPresent(LOG::warn);
    }
    return handles;
  }

  @Override
  public HostImage host(String... programs) {
    Objects.requireNonNull(programs, "programs");
    return new Host(dev.pinnace.internal.image.host.HostImage.of(programs));
  }

  private final class Host implements HostImage {
    private dev.pinnace.internal.image.host.HostImage wanted;
    private Consumer<? super String> remarks = this::warn;

    private Host(dev.pinnace.internal.image.host.HostImage wanted) {
      this.wanted = wanted;
    }

    @Override
    public HostImage with(Path path) {
      Objects.requireNonNull(path, "path");
      wanted = wanted.with(path);
      return this;
    }

    @Override
    public HostImage with(Path path, String at) {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(at, "at");
      wanted = ApiCalls.of(() -> wanted.with(path, Path.of(at)));
      return this;
    }

    @Override
    public HostImage remarks(Consumer<? super String> consumer) {
      Objects.requireNonNull(consumer, "consumer");
      remarks = consumer;
      return this;
    }

    private void warn(String remark) {
      LOG.warn("image {}: {}", wanted.name().familiar(), remark);
    }

    @Override
    public HostImage named(String reference) {
      Objects.requireNonNull(reference, "reference");
      wanted = wanted.named(ImageReference.parse(reference));
      return this;
    }

    @Override
    public Image build() {
      List<String> made = new ArrayList<>();
      Image image =
          services.calls().of(() -> imported(parts().images().fromHost(wanted, made::add)));
      made.forEach(remarks);
      return image;
    }

    @Override
    public String toString() {
      return "image " + wanted.name().familiar() + " of the host's " + wanted.programs();
    }
  }

  @Override
  public Image get(String reference) {
    Objects.requireNonNull(reference, "reference");
    return services.calls().of(() -> handle(parts().images().get(reference)));
  }

  @Override
  public Optional<Image> find(String reference) {
    Objects.requireNonNull(reference, "reference");
    return services.calls().of(() -> parts().images().find(reference).map(this::handle));
  }

  @Override
  public List<ImageSummary> list(ImageFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services
        .calls()
        .of(
            () ->
                parts().images().entries().stream()
                    .map(entry -> summary(parts().images(), entry))
                    .filter(filter::matches)
                    .sorted(NEWEST_FIRST)
                    .toList());
  }

  static ImageSummary summary(ImageStore images, ListedImage entry) {
    return new ImageSummary(
        entry.id(),
        entry.target().digest(),
        entry.names().stream().map(ImageReference::familiar).toList(),
        entry.image().flatMap(image -> image.config().created()),
        entry.image().map(image -> image.config().config().labels()).orElse(Map.of()),
        Bytes.of(entry.image().map(images::size).orElse(0L)),
        entry.damage());
  }

  @Override
  public Image tag(String image, String newReference) {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(newReference, "newReference");
    return services.calls().of(() -> tagged(image, ImageReference.parse(newReference)));
  }

  private Image tagged(String image, ImageReference name) {
    StoredImage stored = parts().images().tag(image, name);
    services.events().tellImage(Action.TAG, stored, name.withDefaultTag().familiar());
    return handle(stored);
  }

  @Override
  public ImageRemoval remove(String reference, boolean force) {
    Objects.requireNonNull(reference, "reference");
    return services
        .calls()
        .of(
            () -> {
              services.removals().finishEnded();
              return new ImageRemovals(parts(), services.events()).remove(reference, force);
            });
  }

  @Override
  public PruneReport prune(ImageFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> new Pruning(services).images(filter));
  }

  @Override
  public Task<Digest> push(ImageReference reference, PushOptions options) {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(options, "options");
    ImageReference name = reference.withDefaultTag();
    if (name.tag().isEmpty()) {
      throw new InvalidSpecException(
          "cannot push " + name + ": a push needs a tag, and a digest is none");
    }
    return services
        .calls()
        .of(
            () ->
                services
                    .tasks()
                    .start("the push of " + name.familiar(), () -> pushed(name, options)));
  }

  private Digest pushed(ImageReference name, PushOptions options) {
    RegistryClient client = parts().registries().get();
    try (ProgressBoard board = ProgressBoard.open(options.progress(), parts().work())) {
      Digest digest =
          new ImagePush(
                  parts().images(),
                  client.destination(name),
                  name,
                  options.platform(),
                  board,
                  parts().work(),
                  client.registries().parallelTransfers())
              .run();
      services.events().tellImage(Action.PUSH, name.familiar(), name.familiarName(), Map.of());
      return digest;
    }
  }

  @Override
  public String login(String registry, RegistryCredentials credentials) {
    Objects.requireNonNull(registry, "registry");
    Objects.requireNonNull(credentials, "credentials");
    return services.calls().of(() -> parts().registries().get().login(registry, credentials));
  }

  @Override
  public boolean logout(String registry) {
    Objects.requireNonNull(registry, "registry");
    return services.calls().of(() -> parts().registries().get().logout(registry));
  }

  @Override
  public List<SearchResult> search(String term, int most) {
    Objects.requireNonNull(term, "term");
    return services.calls().of(() -> parts().registries().get().search(term, most));
  }

  @Override
  public List<ImageReference> tags(String repository) {
    Objects.requireNonNull(repository, "repository");
    ImageReference name = ImageReference.parse(repository);
    if (name.tag().isPresent() || name.digest().isPresent()) {
      throw new InvalidSpecException(
          "\""
              + repository
              + "\" is an image; the tags of "
              + name.familiarName()
              + " are asked for by that name");
    }
    return services
        .calls()
        .of(
            () ->
                parts().registries().get().repository(name).tags().stream()
                    .map(name::withTag)
                    .toList());
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

  @Override
  public String toString() {
    return "images of " + services.parts().layout().root();
  }
}
